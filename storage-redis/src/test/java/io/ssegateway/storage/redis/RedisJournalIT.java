package io.ssegateway.storage.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.frame.TraceContext;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.ReplaySink;
import io.ssegateway.redis.client.RedisConnectionOptions;
import io.ssegateway.redis.client.testing.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.DirectBuffer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisJournalIT {
  @TempDir Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private RedisProcess redis;

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

  private RedisJournalOptions.Builder options() {
    return RedisJournalOptions.builder(
            RedisConnectionOptions.builder(List.of(redis.uri()))
                .backOffMs(10, 200)
                .timeoutMs(2_000)
                .build())
        .commitTimeoutMs(2_000)
        .readTimeoutMs(2_000);
  }

  private Engine node(RedisJournalOptions options) {
    return node(options, EngineOptions.DEFAULTS);
  }

  private Engine node(RedisJournalOptions options, EngineOptions engineOptions) {
    Engine engine =
        Engine.builder().journal(RedisJournal.open(options)).options(engineOptions).build();
    open.add(engine);
    engine.start();
    return engine;
  }

  private RedisCommands<String, String> admin() {
    RedisClient client = RedisClient.create(RedisURI.create(redis.uri()));
    open.add(client);
    return client.connect().sync();
  }

  private static void publish(Engine engine, Message message, @Nullable PublishListener listener)
      throws InterruptedException {
    assertThat(engine.publisher().publishOrWait(message, listener))
        .isEqualTo(PublishResult.PUBLISHED);
  }

  private static void publish(Engine engine, String channel, int from, int to)
      throws InterruptedException {
    for (int i = from; i < to; i++) {
      publish(engine, Message.of(channel, Integer.toString(i)), null);
    }
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  private static void awaitTail(Engine engine, Engine other) {
    await().until(() -> engine.journal().newestPosition() == other.journal().newestPosition());
  }

  @Test
  void everyFieldComesBackOnAnotherNodeAndFromRedis() throws Exception {
    startRedis();
    TraceContext trace =
        new TraceContext(
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=with space, b=2");
    Engine first =
        node(options().build(), EngineOptions.DEFAULTS.toBuilder().traceContext(true).build());
    Engine second = node(options().build());
    NodeClient here = NodeClient.on(first, "a");
    NodeClient there = NodeClient.on(second, "a");
    String start = first.eventId(first.journal().newestPosition());

    publish(
        first,
        Message.builder()
            .channel("a")
            .type("tick")
            .id("p-1")
            .retryMs(77)
            .traceContext(trace)
            .data("x\ny\r\nü")
            .build(),
        null);
    await().until(() -> here.count() == 1);
    publish(second, Message.broadcast("news", ""), null);

    await().until(() -> here.count() == 2 && there.count() == 2);
    assertThat(here.events()).isEqualTo(there.events());
    assertThat(here.events().get(0).type()).isEqualTo("tick");
    assertThat(here.events().get(0).publisherId()).isEqualTo("p-1");
    assertThat(here.events().get(0).traceContext()).isEqualTo(trace);
    assertThat(here.events().get(0).data()).isEqualTo("x\ny\nü");
    assertThat(here.events().get(1).traceContext()).isNull();
    assertThat(here.events().get(1).channel()).isNull();
    Engine late = node(options().build());
    NodeClient back = new NodeClient("a").startAfter(start).goTo(late);
    await().until(() -> back.count() == 2);
    assertThat(back.events()).isEqualTo(here.events());
    assertThat(back.gaps()).isEmpty();
  }

  @Test
  void twoNodesThatPublishAtTheSameTimeHaveOneOrder() throws Exception {
    startRedis();
    Engine first = node(options().build());
    Engine second = node(options().build());
    NodeClient here = NodeClient.on(first, "a", "b");
    NodeClient there = NodeClient.on(second, "a", "b");

    Thread other =
        new Thread(
            () -> {
              try {
                publish(second, "b", 0, 5_000);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    other.start();
    publish(first, "a", 0, 5_000);
    other.join();

    await().until(() -> here.count() == 10_000 && there.count() == 10_000);
    assertThat(here.events()).isEqualTo(there.events());
    assertThat(
            here.events().stream().filter(e -> "a".equals(e.channel())).map(e -> e.data()).toList())
        .isEqualTo(numbers(0, 5_000));
    assertThat(
            here.events().stream().filter(e -> "b".equals(e.channel())).map(e -> e.data()).toList())
        .isEqualTo(numbers(0, 5_000));
  }

  @Test
  void fiftyThousandMessagesArriveInOrderThroughASmallRing() throws Exception {
    startRedis();
    Engine engine =
        node(options().build(), EngineOptions.DEFAULTS.toBuilder().ringSize(1024).build());
    NodeClient client = NodeClient.on(engine, "a");

    publish(engine, "a", 0, 50_000);

    await().until(() -> client.count() == 50_000);
    assertThat(client.data()).isEqualTo(numbers(0, 50_000));
    assertThat(client.gaps()).isEmpty();
  }

  @Test
  void aClientThatGoesFromNodeToNodeHearsEveryEventOnceAndInOrder() throws Exception {
    startRedis();
    List<Engine> nodes =
        List.of(
            node(options().tailBytes(20_000).build()), node(options().tailBytes(20_000).build()));
    NodeClient steady = NodeClient.on(nodes.get(0), "a");
    NodeClient client = NodeClient.on(nodes.get(0), "a");
    NodeClient quiet = NodeClient.on(nodes.get(0), "quiet");
    NodeClient away = NodeClient.on(nodes.get(0), "a");
    publish(nodes.get(0), "a", 0, 1);
    await().until(() -> away.count() == 1);
    away.leave();

    for (int round = 0; round < 40; round++) {
      publish(nodes.get(round % 2), "a", 1 + round * 50, 1 + (round + 1) * 50);
      client.goTo(nodes.get((round / 2) % 2)); // often before that node has heard what it knows
      if (round % 10 == 0) {
        quiet.goTo(nodes.get(round % 2));
      }
    }
    publish(nodes.get(0), Message.of("quiet", "at last"), null);
    publish(nodes.get(0), Message.of("a", "last"), null);

    await().until(() -> client.count() == 2_002 && steady.count() == 2_002);
    List<String> expected = steady.data();
    assertThat(expected).doesNotHaveDuplicates().contains("last").containsAll(numbers(0, 2_001));
    assertThat(client.data()).isEqualTo(expected);
    assertThat(client.gaps()).isEmpty();
    away.goTo(nodes.get(1)); // reads nearly all of it from Redis, then from memory
    await().until(() -> away.count() == 2_002);
    assertThat(away.data()).isEqualTo(expected);
    assertThat(away.gaps()).isEmpty();
    await().until(() -> quiet.count() == 1);
    assertThat(quiet.gaps()).isEmpty();
  }

  @Test
  void historyThatIsTrimmedIsToldAsAGapAndKeysOfIdleChannelsGo() throws Exception {
    startRedis();
    Engine engine = node(options().maxEvents(100).tailBytes(4_096).build());
    String start = engine.eventId(engine.journal().newestPosition());
    publish(engine, "once", 0, 1);
    publish(engine, "a", 0, 1_000);
    Outcomes outcomes = new Outcomes();
    publish(engine, Message.of("a", "last"), outcomes);
    await().until(() -> outcomes.journalled.get() == 1);
    RedisCommands<String, String> admin = admin();
    assertThat(admin.xlen("{sse-gateway}:order")).isEqualTo(100);
    assertThat(admin.xlen("{sse-gateway}:channel:a")).isEqualTo(100);
    assertThat(admin.exists("{sse-gateway}:channel:once")).isZero();

    Engine other = node(options().maxEvents(100).build());
    NodeClient client = new NodeClient("a").startAfter(start).goTo(other);
    NodeClient once = new NodeClient("once").startAfter(start).goTo(other);

    await().until(() -> client.data().contains("last"));
    List<String> expected = new ArrayList<>(numbers(901, 1_000));
    expected.add("last");
    assertThat(client.data()).isEqualTo(expected);
    assertThat(client.gaps()).containsExactly(GapReason.EXPIRED);
    await().until(() -> once.gaps().equals(List.of(GapReason.EXPIRED)));
    assertThat(once.count()).isZero();
    await().until(() -> other.journal().oldestPosition() > 0);
  }

  @Test
  void oldEventsAreRemovedByAge() throws Exception {
    startRedis();
    Engine engine = node(options().maxEvents(0).maxAgeMs(500).build());
    publish(engine, "a", 0, 1_200);
    RedisCommands<String, String> admin = admin();

    await().until(() -> admin.xlen("{sse-gateway}:order") == 0);
    assertThat(admin.exists("{sse-gateway}:channel:a")).isZero();
    publish(engine, "a", 0, 1);
    await().until(() -> admin.xlen("{sse-gateway}:order") <= 1);
  }

  @Test
  void aReplayThatIsTooLongBeginsWithAGapForItsLimit() throws Exception {
    startRedis();
    Engine first = node(options().build());
    String start = first.eventId(first.journal().newestPosition());
    publish(first, "a", 0, 500);
    NodeClient live = new NodeClient("a").startAfter(start).goTo(first);
    await().until(() -> live.count() == 500);
    Engine engine =
        node(options().build(), EngineOptions.DEFAULTS.toBuilder().maxReplayEvents(10).build());

    NodeClient client = new NodeClient("a").startAfter(start).goTo(engine);

    await().until(() -> client.count() == 10);
    assertThat(client.data()).isEqualTo(numbers(490, 500));
    assertThat(client.gaps()).containsExactly(GapReason.LIMIT);
  }

  @Test
  void aRestartedNodeGoesOnInTheSameEpochAndKnowsTheOffsets() throws Exception {
    startRedis();
    Engine engine = node(options().build());
    NodeClient client = NodeClient.on(engine, "a");
    publish(
        engine, Message.of("a", "x").withSourceOffset(new SourceOffset("kafka:t-0", "41")), null);
    await().until(() -> client.count() == 1);
    engine.close();
    redis.kill();
    redis.startAgain();

    Engine again = node(options().build());

    assertThat(again.journal().epoch()).isEqualTo(engine.journal().epoch());
    assertThat(again.journal().sourceOffsets()).containsEntry("kafka:t-0", "41");
    publish(again, "a", 0, 1);
    client.goTo(again);
    await().until(() -> client.data().equals(List.of("x", "0")));
    assertThat(client.gaps()).isEmpty();
  }

  @Test
  void whatTwoNodesReadInTheSameLogIsStoredOnce() throws Exception {
    startRedis();
    Engine first = node(options().build());
    Engine second = node(options().build());
    NodeClient client = NodeClient.on(first, "a");
    for (int i = 98; i < 103; i++) { // also where the number of digits grows
      for (Engine engine : List.of(first, second)) {
        Outcomes outcomes = new Outcomes();
        publish(
            engine,
            Message.of("a", Integer.toString(i))
                .withSourceOffset(new SourceOffset("kafka:t-0", Integer.toString(i))),
            outcomes);
        publish(
            engine,
            Message.of("a", "s" + i).withSourceOffset(new SourceOffset("redis:s", "7-" + i)),
            outcomes);
        await().until(() -> outcomes.journalled.get() == 2);
      }
    }
    publish(first, Message.of("a", "end"), null);

    await().until(() -> client.data().contains("end"));
    assertThat(client.data())
        .containsExactly(
            "98", "s98", "99", "s99", "100", "s100", "101", "s101", "102", "s102", "end");
    assertThat(((RedisJournal) first.journal()).copies()).isZero();
    assertThat(((RedisJournal) second.journal()).copies()).isEqualTo(10);
  }

  @Test
  void aPubSubMessageThatSeveralNodesGotIsStoredOnceAndLikeOnesAreKept() throws Exception {
    startRedis();
    Engine first = node(options().build());
    Engine second = node(options().build());
    NodeClient client = NodeClient.on(first, "a");

    for (int i = 0; i < 3; i++) {
      publishIdentity(first, "same", "r1.same");
      publishIdentity(second, "same", "r2.same");
    }
    publishIdentity(second, "id", "id-of-publisher");
    publishIdentity(first, "id", "id-of-publisher");
    // a node that came in between: its first is the one that was stored last
    publishIdentity(first, "same", "r1.same");
    String between = Long.toString(System.currentTimeMillis());
    publishIdentity(second, "same", between + "-r3.same");
    publishIdentity(second, "same", between + "-r3.same");
    // one that was there from the start and is late
    publishIdentity(first, "late", "r1.late");
    publishIdentity(first, "late", "r1.late");
    publishIdentity(second, "late", "r2.late");
    publishIdentity(second, "late", "r2.late");
    // one that came after all these were stored
    long later = System.currentTimeMillis() + 100_000;
    publishIdentity(second, "same", later + "-r4.same");
    publish(first, Message.of("a", "end"), null);

    await().until(() -> client.data().contains("end"));
    assertThat(client.data())
        .containsExactly(
            "same", "same", "same", "id", "same", "same", "late", "late", "same", "end");
  }

  private static void publishIdentity(Engine engine, String data, String identity)
      throws InterruptedException {
    Outcomes outcomes = new Outcomes();
    publish(
        engine,
        Message.of("a", data).withSourceOffset(new SourceOffset("~redis:redis", identity)),
        outcomes);
    await().until(() -> outcomes.journalled.get() == 1);
  }

  @Test
  void aRedisThatIsKilledAndRestartedLosesNothingThatWasAcknowledged() throws Exception {
    startRedis("--appendfsync", "always");
    Engine first = node(options().commitTimeoutMs(20_000).build());
    Engine second = node(options().build());
    NodeClient here = NodeClient.on(first, "a");
    NodeClient there = NodeClient.on(second, "a");
    Outcomes outcomes = new Outcomes();
    for (int i = 0; i < 3_000; i++) {
      if (i == 1_000) {
        await().until(() -> outcomes.journalled.get() > 500);
        redis.kill();
        redis.startAgain();
      }
      publish(first, Message.of("a", Integer.toString(i)), outcomes);
    }

    await().until(() -> outcomes.journalled.get() == 3_000);
    await().until(() -> here.count() >= 3_000 && there.count() >= 3_000);
    assertThat(here.data()).isEqualTo(numbers(0, 3_000));
    assertThat(there.events()).isEqualTo(here.events());
    assertThat(outcomes.refused).hasValue(0);
    assertThat(here.gaps()).isEmpty();
  }

  @Test
  void whileRedisIsDownPublishersAreTurnedAwayAndClientsStay() throws Exception {
    startRedis();
    Engine engine = node(options().commitTimeoutMs(300).build());
    NodeClient client = NodeClient.on(engine, "a");
    publish(engine, "a", 0, 10);
    await().until(() -> client.count() == 10);
    Outcomes outcomes = new Outcomes();

    redis.kill();
    engine.publisher().publish(Message.of("a", "in doubt"), outcomes);
    await().until(() -> engine.journal().refusesBecause() != null);
    assertThat(engine.publisher().publish(Message.of("a", "no")))
        .isEqualTo(PublishResult.JOURNAL_UNAVAILABLE);
    assertThat(engine.troubles()).singleElement().asString().startsWith("journal redis: ");

    redis.startAgain();
    await().until(() -> engine.troubles().isEmpty());
    publish(engine, "a", 10, 20);
    await().until(() -> client.data().contains("19"));
    assertThat(client.data().stream().filter(d -> !d.equals("in doubt")).toList())
        .isEqualTo(numbers(0, 20));
    assertThat(client.gaps()).isEmpty();
  }

  @Test
  void aRedisThatDoesNotAnswerEndsAReplayInTimeAndNothingIsLost() throws Exception {
    startRedis();
    Engine engine =
        node(options().tailBytes(1_024).readTimeoutMs(300).commitTimeoutMs(60_000).build());
    NodeClient client = NodeClient.on(engine, "a");
    long start = engine.journal().newestPosition();
    publish(engine, "a", 0, 1_000);
    await().until(() -> client.count() == 1_000);
    Outcomes outcomes = new Outcomes();

    redis.freeze();
    publish(engine, Message.of("a", "1000"), outcomes);
    JournalReader reader = engine.journal().open(List.of("a"), start, 0);
    assertThatThrownBy(() -> reader.read(engine.journal().newestPosition(), new NoSink()))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("no answer within 300 ms");
    await().until(() -> engine.journal().refusesBecause() != null);
    redis.goOn();

    await().until(() -> outcomes.journalled.get() == 1);
    await().until(() -> client.count() == 1_001);
    assertThat(client.data()).isEqualTo(numbers(0, 1_001));
    assertThat(client.gaps()).isEmpty();
    await().until(() -> engine.troubles().isEmpty());
  }

  private static final class NoSink implements ReplaySink {
    @Override
    public boolean onEvent(
        long position, @Nullable String channel, DirectBuffer buffer, int offset, int length) {
      return true;
    }

    @Override
    public boolean onGap(GapReason reason, long resumeAfter) {
      return true;
    }
  }

  @Test
  void aClientOfAnotherEpochGetsTheFirstEventsOfAYoungHistory() throws Exception {
    startRedis();
    Engine engine = node(options().build());
    NodeClient here = NodeClient.on(engine, "a");
    publish(engine, "a", 0, 10);
    await().until(() -> here.count() == 10);

    // sooner than the next look at what is the oldest
    NodeClient back = new NodeClient("a").startAfter("anotherepoch-5").goTo(engine);
    publish(engine, "a", 10, 11);
    await().until(() -> back.data().contains("10"));

    assertThat(back.gaps()).containsExactly(GapReason.UNKNOWN_EPOCH);
    assertThat(back.data()).isEqualTo(numbers(0, 11));
  }

  @Test
  void aFlushedRedisBeginsANewEpochAndEveryoneIsTold() throws Exception {
    startRedis();
    Engine first = node(options().build());
    Engine second = node(options().build());
    NodeClient here = NodeClient.on(first, "a");
    NodeClient there = NodeClient.on(second, "a");
    NodeClient away = NodeClient.on(second, "a");
    publish(first, "a", 0, 10);
    await().until(() -> here.count() == 10 && there.count() == 10 && away.count() == 10);
    away.leave();
    String oldEpoch = first.journal().epoch();

    admin().flushall();
    await().until(() -> here.gaps().size() == 1 && there.gaps().size() == 1);
    awaitTail(first, second);

    assertThat(first.journal().epoch()).isNotEqualTo(oldEpoch).isEqualTo(second.journal().epoch());
    publish(second, "a", 10, 20);
    away.goTo(first);
    await().until(() -> here.count() == 20 && there.count() == 20 && away.count() == 20);
    assertThat(here.data()).isEqualTo(numbers(0, 20));
    assertThat(here.gaps()).containsExactly(GapReason.UNKNOWN_EPOCH);
    assertThat(away.gaps()).containsExactly(GapReason.UNKNOWN_EPOCH);
    assertThat(here.events().get(19).id()).startsWith(first.journal().epoch() + "-");
    assertThat(there.events().get(19)).isEqualTo(here.events().get(19));
  }

  @Test
  void aRedisThatComesBackWithoutItsLastEventsBeginsANewEpoch() throws Exception {
    startRedis();
    Engine first = node(options().build());
    NodeClient client = NodeClient.on(first, "a");
    publish(first, "a", 0, 10);
    await().until(() -> client.count() == 10);
    RedisCommands<String, String> admin = admin();
    // what a restart from an older file leaves
    String last = admin.hget("{sse-gateway}:state", "last");
    admin.xdel("{sse-gateway}:order", last);
    admin.hset("{sse-gateway}:state", "last", "1790000000000-0");

    await().until(() -> client.gaps().equals(List.of(GapReason.UNKNOWN_EPOCH)));
    publish(first, "a", 10, 11);
    await().until(() -> client.count() == 11);
    assertThat(client.data()).isEqualTo(numbers(0, 11));
  }

  @Test
  void aRedisThatCannotBeReachedAtTheStartIsNamed() {
    startRedis();
    redis.kill();

    assertThatThrownBy(() -> RedisJournal.open(options().openTimeoutMs(200).build()))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("Redis cannot be used for the history")
        .hasMessageContaining("refused");
  }

  @Test
  void optionsOutOfBoundsAreNamed() {
    RedisConnectionOptions connection = RedisConnectionOptions.of("redis://localhost");
    assertThatThrownBy(() -> RedisJournalOptions.builder(connection).keyPrefix("sse:").build())
        .hasMessageContaining("keyPrefix: \"sse:\"");
    assertThatThrownBy(
            () -> RedisJournalOptions.builder(connection).maxAgeMs(0).maxEvents(0).build())
        .hasMessageContaining("maxEvents: 0, maxAgeMs: 0");
    assertThatThrownBy(() -> RedisConnectionOptions.of("http://u:secret@h"))
        .hasMessageNotContaining("secret");
  }
}
