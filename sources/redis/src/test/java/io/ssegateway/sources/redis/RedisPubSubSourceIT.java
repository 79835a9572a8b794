package io.ssegateway.sources.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.ReceivedEvent;
import io.ssegateway.engine.Subscriber;
import io.ssegateway.engine.Subscription;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.engine.testing.StagedJournal;
import io.ssegateway.redis.client.RedisConnectionOptions;
import io.ssegateway.redis.client.RedisLink;
import io.ssegateway.redis.client.testing.RedisProcess;
import io.ssegateway.sources.redis.RedisPubSubOptions.Mode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisPubSubSourceIT {
  private static final String CHANNEL = "user123";

  @TempDir Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private RedisProcess redis;
  private StatefulRedisConnection<String, byte[]> publisher;

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
  }

  private void connectPublisher(String uri) {
    RedisClient client = RedisClient.create(RedisURI.create(uri));
    open.add(client);
    publisher = client.connect(RedisLink.CODEC);
  }

  private static RedisConnectionOptions quick(String uri) {
    return RedisConnectionOptions.builder(List.of(uri)).backOffMs(10, 200).timeoutMs(2_000).build();
  }

  private RedisPubSubOptions.Builder options() {
    return RedisPubSubOptions.builder(quick(redis.uri()));
  }

  private Engine engine(RedisPubSubSource source) {
    return engine(source, EngineOptions.DEFAULTS, new MemoryJournal());
  }

  private Engine engine(RedisPubSubSource source, EngineOptions options, Journal journal) {
    Engine engine = Engine.builder().options(options).journal(journal).source(source).build();
    open.add(engine);
    engine.start();
    return engine;
  }

  private void awaitUp(RedisPubSubSource source) {
    await().untilAsserted(() -> assertThat(source.health().detail()).isEmpty());
    assertThat(source.health().up()).isTrue();
  }

  private long publish(String channel, String payload) {
    return publisher.sync().publish(channel, payload.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aMessageReachesItsChannelAndABroadcastEveryone() {
    startRedis();
    connectPublisher(redis.uri());
    RedisPubSubSource source = new RedisPubSubSource(options().build());
    Engine engine = engine(source);
    Listener user = Listener.on(engine, CHANNEL);
    Listener other = Listener.on(engine, "other");
    awaitUp(source);

    publish("sse:user123", "{\"event_type\":\"notification\",\"data\":{\"msg\":\"Hello!\"}}");
    publish("sse:broadcast", "{\"data\":\"to all\",\"id\":\"p-1\"}");

    await().until(() -> user.events().size() == 2 && other.events().size() == 1);
    ReceivedEvent event = user.events().get(0);
    assertThat(event.channel()).isEqualTo(CHANNEL);
    assertThat(event.type()).isEqualTo("notification");
    assertThat(event.data()).isEqualTo("{\"msg\":\"Hello!\"}");
    assertThat(other.events().get(0).channel()).isNull();
    assertThat(other.events().get(0).data()).isEqualTo("to all");
    assertThat(other.events().get(0).publisherId()).isEqualTo("p-1");
  }

  @Test
  void whatIsNoJsonMessageIsDeliveredAsItIs() {
    startRedis();
    connectPublisher(redis.uri());
    RedisPubSubSource source = new RedisPubSubSource(options().build());
    Engine engine = engine(source);
    Listener user = Listener.on(engine, CHANNEL);
    awaitUp(source);

    List<String> payloads =
        List.of("plain", "", "{\"half\":", "[1,2]", "{\"unknown\":1,\"data\":2}", "  ", "42", "Ü€");
    payloads.forEach(payload -> publish("sse:user123", payload));
    publisher.sync().publish("sse:user123", new byte[] {(byte) 0xff, (byte) 0xfe, 'x'});
    publisher
        .sync()
        .publish("sse:" + "x".repeat(300), "name too long".getBytes(StandardCharsets.UTF_8));
    publish("sse:", "no name");
    publish("sse:user123", "last");

    await().until(() -> user.data().contains("last"));
    List<String> expected = new ArrayList<>(payloads);
    expected.add("last");
    assertThat(user.data()).containsExactlyElementsOf(expected);
    assertThat(user.events()).allMatch(event -> event.type().equals("message"));
    assertThat(source.stats().received()).isEqualTo(12);
    assertThat(source.stats().invalid()).isEqualTo(3);
    assertThat(source.health().up()).isTrue();
  }

  @Test
  void inStrictModeWhatIsNoJsonMessageIsRefusedAndCounted() {
    startRedis();
    connectPublisher(redis.uri());
    RedisPubSubSource source = new RedisPubSubSource(options().strictJson(true).build());
    Engine engine =
        engine(
            source,
            EngineOptions.DEFAULTS.toBuilder().maxPayloadBytes(1000).build(),
            new MemoryJournal());
    Listener user = Listener.on(engine, CHANNEL);
    awaitUp(source);

    publish("sse:user123", "plain");
    publish("sse:user123", "{\"data\":\"" + "x".repeat(2000) + "\"}");
    publish("sse:user123", "{\"unknown\":1,\"data\":2}");
    publish("sse:user123", "{\"data\":\"good\"}");

    await().until(() -> user.data().equals(List.of("good")));
    assertThat(source.stats().invalid()).isEqualTo(3);
  }

  @Test
  void prefixPatternsAndNamesAreConfigurable() {
    startRedis();
    connectPublisher(redis.uri());
    RedisPubSubSource source =
        new RedisPubSubSource(
            options()
                .name("events")
                .prefix("app*/")
                .broadcastName("all")
                .patterns(List.of("app[*]/*", "alerts"))
                .build());
    Engine engine = engine(source);
    Listener user = Listener.on(engine, CHANNEL, "alerts");
    awaitUp(source);

    publish("app*/user123", "one");
    publish("appX/user123", "not ours");
    publish("alerts", "two");
    publish("app*/all", "three");

    await().until(() -> user.events().size() >= 3);
    assertThat(user.data()).containsExactly("one", "two", "three");
    assertThat(user.events().get(2).channel()).isNull();
    assertThat(source.name()).isEqualTo("events");
  }

  @Test
  void fiftyThousandMessagesArriveInOrder() {
    startRedis();
    connectPublisher(redis.uri());
    RedisPubSubSource source = new RedisPubSubSource(options().build());
    Engine engine = engine(source);
    AtomicInteger next = new AtomicInteger();
    AtomicInteger wrong = new AtomicInteger();
    Subscriber subscriber =
        event -> {
          if (Integer.parseInt(event.data()) != next.getAndIncrement()) {
            wrong.incrementAndGet();
          }
          return true;
        };
    Subscription subscription = engine.subscribe(List.of(CHANNEL), null, subscriber);
    open.add(subscription);
    awaitUp(source);

    publishMany(50_000);

    await().until(() -> next.get() == 50_000);
    assertThat(wrong).hasValue(0);
    assertThat(source.stats().lost()).isZero();
    assertThat(source.stats().received()).isEqualTo(50_000);
  }

  /** The server publishes numbers to itself, so that the test's client costs no time. */
  private void publishMany(int count) {
    String script =
        "for i = 0, ARGV[1] - 1 do redis.call('PUBLISH', 'sse:user123', string.format('%d', i)) end"
            + " return 1";
    publisher
        .sync()
        .eval(
            script,
            ScriptOutputType.INTEGER,
            new String[0],
            Integer.toString(count).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aSlowFanOutStopsTheReadingAndNothingIsLost() {
    startRedis();
    connectPublisher(redis.uri());
    RedisPubSubSource source =
        new RedisPubSubSource(options().queueMessages(200).queueBytes(1_000_000).build());
    StagedJournal journal = new StagedJournal();
    journal.setStuck(true);
    Engine engine =
        engine(source, EngineOptions.DEFAULTS.toBuilder().ringSize(64).build(), journal);
    Listener user = Listener.on(engine, CHANNEL);
    awaitUp(source);

    publishMany(10_000);

    await().until(() -> source.stops() > 0);
    assertThat(source.stats().waits()).isPositive();
    assertThat(source.stats().received()).isLessThan(10_000);
    journal.setStuck(false);
    await().until(() -> user.events().size() == 10_000);
    assertThat(user.data())
        .containsExactlyElementsOf(IntStream.range(0, 10_000).mapToObj(Integer::toString).toList());
    assertThat(source.stats().lost()).isZero();
  }

  @Test
  void aKilledServerIsSeenInTheHealthAndComesBack() {
    startRedis();
    connectPublisher(redis.uri());
    RedisPubSubSource source = new RedisPubSubSource(options().build());
    Engine engine = engine(source);
    Listener user = Listener.on(engine, CHANNEL);
    awaitUp(source);
    publish("sse:user123", "before");
    await().until(() -> user.data().contains("before"));

    redis.kill();
    await().until(() -> !source.health().up());
    assertThat(engine.troubles()).singleElement().asString().contains("source redis");
    redis.startAgain();
    awaitUp(source);
    await().ignoreExceptions().until(() -> publish("sse:user123", "after") == 1);

    await().until(() -> user.data().contains("after"));
    assertThat(user.data()).startsWith("before");
    assertThat(source.stats().reconnects()).isEqualTo(1);
  }

  /** Redis keeps nothing of Pub/Sub: only what was published around the kill may be missing. */
  @Test
  void aServerKilledInTheMiddleOfAStreamCostsOnlyWhatCameMeanwhile() throws Exception {
    startRedis();
    connectPublisher(redis.uri());
    RedisPubSubSource source = new RedisPubSubSource(options().build());
    Engine engine = engine(source);
    Listener user = Listener.on(engine, CHANNEL);
    awaitUp(source);
    AtomicInteger next = new AtomicInteger();
    List<Integer> published = new CopyOnWriteArrayList<>();
    AtomicBoolean stop = new AtomicBoolean();
    Thread stream = new Thread(() -> publishUntil(stop, next, published), "publisher");
    stream.start();
    int before;
    int after;
    try {
      await().until(() -> user.events().size() > 500);
      before = newest(user);
      redis.kill();
      await().until(() -> !source.health().up());
      redis.startAgain();
      awaitUp(source);
      after = next.get();
      await().until(() -> newest(user) > after + 500);
    } finally {
      stop.set(true);
      stream.join();
    }
    await().until(() -> newest(user) == published.get(published.size() - 1));

    List<Integer> numbers = user.data().stream().map(Integer::parseInt).toList();
    assertThat(numbers).isSorted().doesNotHaveDuplicates();
    assertThat(numbers)
        .containsAll(published.stream().filter(n -> n <= before || n >= after).toList());
    assertThat(source.stats().lost()).isZero();
    assertThat(source.stats().reconnects()).isEqualTo(1);
  }

  private static int newest(Listener user) {
    List<String> data = user.data();
    return Integer.parseInt(data.get(data.size() - 1));
  }

  /** Publishes number after number, each tried once; what Redis confirmed is in the list. */
  private void publishUntil(AtomicBoolean stop, AtomicInteger next, List<Integer> published) {
    try (RedisClient client = RedisClient.create(RedisURI.create(redis.uri()))) {
      client.setOptions(ClientOptions.builder().autoReconnect(false).build());
      while (!stop.get()) {
        try (StatefulRedisConnection<String, byte[]> connection = client.connect(RedisLink.CODEC)) {
          while (!stop.get()) {
            int number = next.getAndIncrement();
            connection
                .sync()
                .publish("sse:user123", Integer.toString(number).getBytes(StandardCharsets.UTF_8));
            published.add(number);
          }
        } catch (RedisException e) {
          Thread.onSpinWait(); // the server is away: tried again at once
        }
      }
    }
  }

  /** There is nobody to ask for it again, as a Redis stream can be. */
  @Test
  void whatTheJournalRefusesIsCountedAsLost() {
    startRedis();
    connectPublisher(redis.uri());
    RedisPubSubSource source = new RedisPubSubSource(options().build());
    StagedJournal journal = new StagedJournal();
    journal.refuse(2, Refusal.JOURNAL_FULL);
    Engine engine = engine(source, EngineOptions.DEFAULTS, journal);
    Listener user = Listener.on(engine, CHANNEL);
    awaitUp(source);

    publishMany(5);

    await().until(() -> user.data().equals(List.of("2", "3", "4")));
    assertThat(source.stats().lost()).isEqualTo(2);
    assertThat(source.stats().invalid()).isZero();
    assertThat(source.stats().received()).isEqualTo(5);
  }

  @Test
  void aSourceStartsWithoutAServerAndFindsItLater() {
    startRedis();
    redis.kill();
    RedisPubSubSource source = new RedisPubSubSource(options().build());
    Engine engine = engine(source);
    Listener user = Listener.on(engine, CHANNEL);
    assertThat(source.health().up()).isFalse();

    redis.startAgain();
    awaitUp(source);
    connectPublisher(redis.uri());
    publish("sse:user123", "hello");

    await().until(() -> user.data().contains("hello"));
  }

  @Test
  void onDemandOnlyChannelsWithSubscribersAreSubscribed() {
    startRedis();
    connectPublisher(redis.uri());
    RedisPubSubSource source = new RedisPubSubSource(options().mode(Mode.ON_DEMAND).build());
    Engine engine = engine(source);
    Listener user = Listener.on(engine, CHANNEL);
    awaitUp(source);
    await().until(() -> channels().equals(List.of("sse:broadcast", "sse:user123")));
    Listener second = Listener.on(engine, CHANNEL, "b");
    await().until(() -> channels().equals(List.of("sse:b", "sse:broadcast", "sse:user123")));

    publish("sse:user123", "one");
    publish("sse:nobody", "not received");
    publish("sse:broadcast", "all");
    await().until(() -> user.data().equals(List.of("one", "all")));
    assertThat(source.stats().received()).isEqualTo(2);

    redis.kill();
    redis.startAgain();
    await().until(() -> channels().equals(List.of("sse:b", "sse:broadcast", "sse:user123")));

    second.leave();
    await().until(() -> channels().equals(List.of("sse:broadcast", "sse:user123")));
    user.leave();
    await().until(() -> channels().equals(List.of("sse:broadcast")));
  }

  private List<String> channels() {
    try {
      return publisher.sync().pubsubChannels().stream().sorted().toList();
    } catch (RuntimeException e) {
      return List.of(e.toString());
    }
  }

  @Test
  void shardedPubSubWorksOnASingleServer() {
    startRedis();
    connectPublisher(redis.uri());
    RedisPubSubSource source = new RedisPubSubSource(options().mode(Mode.SHARDED).build());
    Engine engine = engine(source);
    Listener user = Listener.on(engine, CHANNEL);
    awaitUp(source);
    await()
        .until(
            () ->
                publisher
                    .sync()
                    .pubsubShardNumsub("sse:user123")
                    .equals(Map.of("sse:user123", 1L)));

    publisher.sync().spublish("sse:user123", "one".getBytes(StandardCharsets.UTF_8));
    publisher.sync().spublish("sse:broadcast", "two".getBytes(StandardCharsets.UTF_8));

    await().until(() -> user.data().size() == 2);
    assertThat(user.data()).containsExactlyInAnyOrder("one", "two");
  }

  @Test
  void aUserWithAPasswordAndOnlyItsRightsIsEnough() throws Exception {
    Path acl = directory.resolve("users.acl");
    Files.writeString(
        acl,
        """
        user default off
        user gateway on >s3cret resetchannels &sse:* -@all +psubscribe +punsubscribe +ping +hello +client
        user admin on >boss ~* &* +@all
        """);
    startRedis("--aclfile", acl.toString());
    connectPublisher("redis://admin:boss@127.0.0.1:" + redis.port());
    RedisPubSubSource source =
        new RedisPubSubSource(
            RedisPubSubOptions.of(quick("redis://gateway:s3cret@127.0.0.1:" + redis.port())));
    Engine engine = engine(source);
    Listener user = Listener.on(engine, CHANNEL);
    awaitUp(source);
    publish("sse:user123", "secret news");
    await().until(() -> user.data().contains("secret news"));

    RedisPubSubSource wrong =
        new RedisPubSubSource(
            RedisPubSubOptions.of(quick("redis://gateway:wrong@127.0.0.1:" + redis.port())));
    engine(wrong);
    await().until(() -> wrong.health().detail().contains("WRONGPASS"));

    RedisPubSubSource forbidden =
        new RedisPubSubSource(
            RedisPubSubOptions.builder(quick("redis://gateway:s3cret@127.0.0.1:" + redis.port()))
                .patterns(List.of("other:*"))
                .build());
    engine(forbidden);
    await().until(() -> forbidden.health().detail().contains("NOPERM"));
  }
}
