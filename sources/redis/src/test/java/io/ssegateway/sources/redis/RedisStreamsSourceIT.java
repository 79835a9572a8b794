package io.ssegateway.sources.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.XTrimArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.ReceivedEvent;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.engine.testing.StagedJournal;
import io.ssegateway.redis.client.RedisConnectionOptions;
import io.ssegateway.redis.client.RedisLink;
import io.ssegateway.redis.client.testing.RedisProcess;
import io.ssegateway.sources.redis.RedisStreamsOptions.Stream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisStreamsSourceIT {
  @TempDir Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private RedisProcess redis;
  private RedisCommands<String, byte[]> commands;

  @BeforeAll
  static void patience() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(20));
    Awaitility.setDefaultPollInterval(Duration.ofMillis(10));
  }

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private void startRedis(String... extra) {
    redis = RedisProcess.start(directory, extra);
    open.add(redis);
    RedisClient client = RedisClient.create(RedisURI.create(redis.uri()));
    open.add(client);
    StatefulRedisConnection<String, byte[]> connection = client.connect(RedisLink.CODEC);
    commands = connection.sync();
  }

  private RedisStreamsOptions.Builder options(Stream... streams) {
    return RedisStreamsOptions.builder(
        RedisConnectionOptions.builder(List.of(redis.uri()))
            .backOffMs(10, 200)
            .timeoutMs(2_000)
            .build(),
        List.of(streams));
  }

  private Engine engine(RedisStreamsSource source, Journal journal) {
    return engine(source, journal, EngineOptions.DEFAULTS);
  }

  private Engine engine(RedisStreamsSource source, Journal journal, EngineOptions options) {
    Engine engine = Engine.builder().options(options).journal(journal).source(source).build();
    open.add(engine);
    engine.start();
    return engine;
  }

  private static void awaitUp(RedisStreamsSource source) {
    await().untilAsserted(() -> assertThat(source.health().detail()).isEmpty());
  }

  private String add(String key, String... fieldsAndValues) {
    Map<String, byte[]> body = new java.util.LinkedHashMap<>();
    for (int i = 0; i < fieldsAndValues.length; i += 2) {
      body.put(fieldsAndValues[i], fieldsAndValues[i + 1].getBytes(StandardCharsets.UTF_8));
    }
    return commands.xadd(key, body);
  }

  private void addMany(String key, int from, int to) {
    commands.eval(
        "for i = ARGV[1], ARGV[2] - 1 do redis.call('XADD', KEYS[1], '*', 'data',"
            + " string.format('%d', i)) end return 1",
        ScriptOutputType.INTEGER,
        new String[] {key},
        Integer.toString(from).getBytes(StandardCharsets.UTF_8),
        Integer.toString(to).getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  @Test
  void theFieldsOfAnEntryAreThoseOfAMessage() {
    startRedis();
    RedisStreamsSource source =
        new RedisStreamsSource(
            options(new Stream("events", null), new Stream("orders", "orders-channel")).build());
    add("events", "data", "before the start");
    Engine engine = engine(source, new MemoryJournal());
    Listener user = Listener.on(engine, "user1", "orders-channel");
    awaitUp(source);

    add("events", "channel_id", "user1", "event_type", "tick", "data", "{\"a\": 1}", "id", "p1");
    await().until(() -> user.events().size() == 1);
    add("orders", "data", "to its channel");
    await().until(() -> user.events().size() == 2);
    add("events", "data", "to all", "retry", "100");
    await().until(() -> user.events().size() == 3);

    ReceivedEvent first = user.events().get(0);
    assertThat(first.channel()).isEqualTo("user1");
    assertThat(first.type()).isEqualTo("tick");
    assertThat(first.data()).isEqualTo("{\"a\": 1}");
    assertThat(first.publisherId()).isEqualTo("p1");
    assertThat(user.events().get(1).channel()).isEqualTo("orders-channel");
    assertThat(user.events().get(2).channel()).isNull();
  }

  @Test
  void aFieldMayHoldTheMessageAsJson() {
    startRedis();
    RedisStreamsSource source =
        new RedisStreamsSource(
            options(new Stream("events", "a")).jsonField("m").startAt("0").build());
    add("events", "m", "{\"event_type\":\"t\",\"data\":[1, 2]}", "other", "x");
    add("events", "m", "plain");
    add("events", "other", "no m");
    Engine engine = engine(source, new MemoryJournal());
    // begins at the oldest entry, perhaps before anyone listens
    Listener user = new Listener();
    open.add(engine.subscribe(List.of("a"), engine.eventId(0), user));

    await().until(() -> user.data().equals(List.of("[1,2]", "plain")));
    await().until(() -> source.stats().invalid() == 1);
  }

  @Test
  void inStrictModeAFieldThatIsNoJsonMessageIsRefusedAndCounted() {
    startRedis();
    RedisStreamsSource source =
        new RedisStreamsSource(
            options(new Stream("events", "a")).jsonField("m").strictJson(true).build());
    Engine engine = engine(source, new MemoryJournal());
    Listener user = Listener.on(engine, "a");
    awaitUp(source);

    add("events", "m", "plain");
    add("events", "m", "{\"unknown\":1,\"data\":2}");
    add("events", "m", "{\"data\":");
    add("events", "m", "{\"data\":\"good\"}");

    await().until(() -> user.data().equals(List.of("good")));
    assertThat(source.stats().invalid()).isEqualTo(3);
    assertThat(source.stats().received()).isEqualTo(4);
    assertThat(source.health().up()).isTrue();
  }

  @Test
  void malformedEntriesAreCountedAndStopNothing() {
    startRedis();
    RedisStreamsSource source = new RedisStreamsSource(options(new Stream("events", "a")).build());
    Engine engine =
        engine(
            source,
            new MemoryJournal(),
            EngineOptions.DEFAULTS.toBuilder().maxPayloadBytes(1_000).build());
    Listener user = Listener.on(engine, "a");
    awaitUp(source);

    add("events", "chanel_id", "misspelt", "data", "x");
    add("events", "channel_id", "no data");
    add("events", "data", "x", "retry", "soon");
    add("events", "data", "x", "event_type", "two\nlines");
    add("events", "data", "x".repeat(1_001));
    commands.xadd("events", Map.of("data", new byte[] {(byte) 0xc3, 'x'}));
    add("events", "data", "good");

    await().until(() -> user.data().equals(List.of("good")));
    assertThat(source.stats().invalid()).isEqualTo(6);
    assertThat(source.stats().received()).isEqualTo(7);
    assertThat(source.holes()).isZero();
  }

  @Test
  void fiftyThousandEntriesArriveInOrder() {
    startRedis();
    RedisStreamsSource source = new RedisStreamsSource(options(new Stream("events", "a")).build());
    Engine engine = engine(source, new MemoryJournal());
    List<String> heard = new ArrayList<>();
    open.add(
        engine.subscribe(
            List.of("a"),
            null,
            event -> {
              synchronized (heard) {
                return heard.add(event.data());
              }
            }));
    awaitUp(source);

    for (int i = 0; i < 50; i++) {
      addMany("events", i * 1_000, (i + 1) * 1_000);
    }

    await()
        .until(
            () -> {
              synchronized (heard) {
                return heard.size() == 50_000;
              }
            });
    assertThat(heard).isEqualTo(numbers(0, 50_000));
  }

  @Test
  void aSlowFanOutMakesTheSourceWait() {
    startRedis();
    StagedJournal journal = new StagedJournal();
    journal.setStuck(true);
    RedisStreamsSource source = new RedisStreamsSource(options(new Stream("events", "a")).build());
    Engine engine =
        engine(source, journal, EngineOptions.DEFAULTS.toBuilder().ringSize(16).build());
    Listener user = Listener.on(engine, "a");
    awaitUp(source);
    addMany("events", 0, 1_000);

    await().until(() -> source.stats().waits() > 0);
    assertThat(source.stats().received()).isLessThan(1_000);
    journal.setStuck(false);

    await().until(() -> user.events().size() == 1_000);
    assertThat(user.data()).isEqualTo(numbers(0, 1_000));
  }

  @Test
  void aServerKilledInTheMiddleLosesAndDoublesNothing() {
    startRedis("--appendfsync", "always");
    RedisStreamsSource source =
        new RedisStreamsSource(options(new Stream("events", "a")).batchEntries(50).build());
    Engine engine = engine(source, new MemoryJournal());
    Listener user = Listener.on(engine, "a");
    awaitUp(source);
    addMany("events", 0, 3_000);
    await().until(() -> user.events().size() > 300);

    redis.kill();
    await().until(() -> !source.health().up() || user.events().size() == 3_000);
    redis.startAgain();
    await().ignoreExceptions().until(() -> commands.ping().equals("PONG"));
    addMany("events", 3_000, 3_500);

    await().until(() -> user.data().contains("3499"));
    assertThat(user.data()).isEqualTo(numbers(0, 3_500));
    awaitUp(source);
    assertThat(source.stats().reconnects()).isPositive();
  }

  @Test
  void aRestartGoesOnBehindWhatIsJournalled() {
    startRedis();
    StagedJournal journal = new StagedJournal();
    RedisStreamsOptions options = options(new Stream("events", "a")).startAt("0").build();
    addMany("events", 0, 100);
    Engine engine = engine(new RedisStreamsSource(options), journal);
    String newest = commands.xrevrange("events", io.lettuce.core.Range.unbounded()).get(0).getId();
    await().until(() -> newest.equals(journal.sourceOffsets().get("redis:redis-streams:events")));
    engine.close();
    addMany("events", 100, 200);

    RedisStreamsSource source = new RedisStreamsSource(options);
    Engine again = engine(source, journal);
    Listener user = new Listener();
    open.add(again.subscribe(List.of("a"), again.eventId(0), user));

    await().until(() -> user.data().contains("199"));
    assertThat(user.data()).isEqualTo(numbers(0, 200));
    assertThat(source.holes()).isZero();
  }

  @Test
  void whatCameWhileItWasDownIsReadEvenIfNothingHadComeBefore() {
    startRedis();
    StagedJournal journal = new StagedJournal();
    addMany("events", 0, 10);
    RedisStreamsOptions options =
        options(new Stream("events", "a"), new Stream("empty", "a")).build();
    Engine engine = engine(new RedisStreamsSource(options), journal);
    await().until(() -> journal.sourceOffsets().size() == 2);
    engine.close();
    addMany("events", 10, 20);
    addMany("empty", 20, 30);

    RedisStreamsSource source = new RedisStreamsSource(options);
    engine(source, journal);

    await().until(() -> journal.size() == 20);
    assertThat(journal.data()).containsExactlyInAnyOrderElementsOf(numbers(10, 30));
    assertThat(source.holes()).isZero();
  }

  @Test
  void aStreamTrimmedBeyondThePlaceIsCountedAsAHole() {
    startRedis();
    StagedJournal journal = new StagedJournal();
    RedisStreamsOptions options = options(new Stream("events", "a")).startAt("0").build();
    addMany("events", 0, 100);
    Engine engine = engine(new RedisStreamsSource(options), journal);
    await().until(() -> engine.journal().newestPosition() == 100);
    engine.close();
    addMany("events", 100, 200);
    commands.xtrim("events", XTrimArgs.Builder.maxlen(10).exactTrimming());

    RedisStreamsSource source = new RedisStreamsSource(options);
    Engine again = engine(source, journal);
    Listener user = new Listener();
    open.add(again.subscribe(List.of("a"), again.eventId(0), user));

    await().until(() -> user.data().contains("199"));
    assertThat(user.data().subList(100, user.data().size())).isEqualTo(numbers(190, 200));
    assertThat(source.holes()).isEqualTo(1);
    addMany("events", 200, 300);
    await().until(() -> user.data().contains("299"));
    assertThat(source.holes()).isEqualTo(1);
  }

  @Test
  void whatTheJournalRefusesIsOfferedAgain() {
    startRedis();
    RedisStreamsSource source = new RedisStreamsSource(options(new Stream("events", "a")).build());
    StagedJournal journal = new StagedJournal();
    journal.refuse(25, Refusal.JOURNAL_FULL);
    Engine engine = engine(source, journal);
    Listener user = Listener.on(engine, "a");
    awaitUp(source);
    addMany("events", 0, 20);

    await().until(() -> user.events().size() == 20);
    assertThat(user.data()).containsExactlyInAnyOrderElementsOf(numbers(0, 20));
  }

  @Test
  void aStreamThatWasReplacedIsReadFromItsBeginning() {
    startRedis();
    RedisStreamsSource source = new RedisStreamsSource(options(new Stream("events", "a")).build());
    Engine engine = engine(source, new MemoryJournal());
    Listener user = Listener.on(engine, "a");
    awaitUp(source);
    add("events", "data", "old");
    await().until(() -> user.data().contains("old"));

    commands.del("events");
    commands.xadd(
        "events",
        new io.lettuce.core.XAddArgs().id("5-1"),
        Map.of("data", "new".getBytes(StandardCharsets.UTF_8)));

    await().until(() -> user.data().equals(List.of("old", "new")));
    assertThat(source.holes()).isEqualTo(1);
  }

  @Test
  void optionsOutOfBoundsAreNamed() {
    RedisConnectionOptions connection = RedisConnectionOptions.of("redis://localhost");
    Stream stream = new Stream("s", null);
    assertThatThrownBy(
            () -> RedisStreamsOptions.builder(connection, List.of(stream)).startAt("now").build())
        .hasMessageContaining("startAt: \"now\"");
    assertThatThrownBy(() -> RedisStreamsOptions.builder(connection, List.of()).build())
        .hasMessageContaining("streams: 0");
    assertThatThrownBy(
            () -> RedisStreamsOptions.builder(connection, List.of(stream, stream)).build())
        .hasMessageContaining("given twice");
    assertThatThrownBy(() -> RedisPubSubOptions.builder(connection).queueMessages(0).build())
        .hasMessageContaining("queueMessages: 0");
    assertThatThrownBy(() -> RedisConnectionOptions.of("http://u:secret@h"))
        .hasMessageNotContaining("secret");
  }
}
