package io.ssegateway.sources.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.pubsub.v1.PubsubMessage;
import com.google.pubsub.v1.Subscription;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.engine.testing.StagedJournal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GooglePubSubSourceIT {
  private static final String TOPIC = "projects/test/topics/orders";
  private static final String DEAD = "projects/test/topics/dead";
  private static final String SUBSCRIPTION = "projects/test/subscriptions/gateway";

  private final StagedJournal journal = new StagedJournal();
  private final PubSubServer server = new PubSubServer();
  private Engine engine;
  private GooglePubSubSource source;

  @BeforeEach
  void startServer() throws Exception {
    server.createTopic(TOPIC);
    server.createTopic(DEAD);
    server.createSubscription(
        Subscription.newBuilder()
            .setName(SUBSCRIPTION)
            .setTopic(TOPIC)
            .setEnableMessageOrdering(true)
            .build());
    server.start();
  }

  @AfterEach
  void close() {
    journal.setStuck(false);
    if (engine != null) {
      engine.close();
    }
    server.close();
  }

  private GooglePubSubOptions.Builder options() {
    return GooglePubSubOptions.builder("test")
        .subscription("gateway")
        .emulatorHost(server.host())
        .backoffMs(20, 200);
  }

  private void start(GooglePubSubOptions.Builder options, EngineOptions engineOptions) {
    source = new GooglePubSubSource(options.build());
    engine = Engine.builder().options(engineOptions).journal(journal).source(source).build();
    engine.start();
  }

  private void start(GooglePubSubOptions.Builder options) {
    start(options, EngineOptions.DEFAULTS);
  }

  private static ConditionFactory patiently() {
    return await().pollInterval(Duration.ofMillis(20)).atMost(Duration.ofSeconds(40));
  }

  private void awaitUp() {
    patiently().until(() -> source.health().up());
  }

  private void awaitEvents(int count) {
    patiently().until(() -> journal.size() >= count);
  }

  private void awaitAcknowledged() {
    patiently().until(() -> server.backlog(SUBSCRIPTION) == 0);
  }

  private void send(String data, String key, Map<String, String> attributes) {
    server.publish(
        TOPIC,
        PubsubMessage.newBuilder()
            .setData(ByteString.copyFromUtf8(data))
            .setOrderingKey(key)
            .putAllAttributes(attributes)
            .build());
  }

  private void sendAll(int from, int to) {
    for (int i = from; i < to; i++) {
      send("n" + i, "k", Map.of("channel_id", "a"));
    }
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "n" + i).toList();
  }

  @Test
  void attributesSayChannelTypeAndId() {
    start(options());
    send("hello", "", Map.of("channel_id", "a", "event_type", "greeting", "id", "p1"));
    send("all", "", Map.of());

    awaitEvents(2);
    assertThat(journal.events())
        .containsExactly(
            new StagedJournal.Event("a", "greeting", "p1", "hello", null),
            new StagedJournal.Event(null, "message", null, "all", null));
    awaitAcknowledged();
    assertThat(source.stats().received()).isEqualTo(2);
    awaitUp();
  }

  @Test
  void nothingIsAcknowledgedBeforeItIsJournalled() {
    journal.setStuck(true);
    start(options());
    sendAll(0, 10);
    patiently().until(() -> source.stats().received() == 10);
    assertThat(server.backlog(SUBSCRIPTION)).isEqualTo(10);

    journal.setStuck(false);

    awaitAcknowledged();
    assertThat(journal.data()).isEqualTo(numbers(0, 10));
  }

  @Test
  void whatTheJournalRefusesComesAgain() {
    journal.refuse(1, Refusal.JOURNAL_FAILED);
    start(options());
    send("once refused", "", Map.of("channel_id", "a"));

    awaitAcknowledged();
    assertThat(journal.data()).containsExactly("once refused");
    assertThat(server.delivered()).isEqualTo(2);
  }

  @Test
  void fiftyThousandMessagesOfAKeyArriveInOrder() {
    start(options());
    sendAll(0, 50_000);

    awaitEvents(50_000);
    assertThat(journal.data()).isEqualTo(numbers(0, 50_000));
    awaitAcknowledged();
  }

  @Test
  void aStuckFanOutLeavesTheRestAtTheServer() {
    journal.setStuck(true);
    start(options(), EngineOptions.DEFAULTS.toBuilder().ringSize(16).build());
    sendAll(0, 400);

    patiently().until(() -> source.stats().received() == 8);
    assertThat(server.delivered()).as("no more than half the ring is taken").isEqualTo(8);
    assertThat(server.backlog(SUBSCRIPTION)).isEqualTo(400);
    journal.setStuck(false);

    awaitEvents(400);
    awaitAcknowledged();
    assertThat(journal.data()).isEqualTo(numbers(0, 400));
  }

  @Test
  void aRingThatOthersFilledIsWaitedFor() {
    journal.setStuck(true);
    start(options(), EngineOptions.DEFAULTS.toBuilder().ringSize(16).build());
    Message other = Message.broadcast("other", "n");
    while (engine.publisher().publish(other) == PublishResult.PUBLISHED) {
      // until it is full
    }
    sendAll(0, 100);

    patiently().until(() -> source.stats().waits() > 0);
    assertThat(server.backlog(SUBSCRIPTION)).as("nothing is given back").isEqualTo(100);
    journal.setStuck(false);

    awaitAcknowledged();
    assertThat(journal.data().stream().filter(data -> !data.equals("n")).toList())
        .isEqualTo(numbers(0, 100));
    assertThat(server.delivered()).as("each came once").isEqualTo(100);
  }

  @Test
  void aServerThatIsKilledInTheMiddleOfAStreamCostsNothing() throws Exception {
    start(options());
    sendAll(0, 5_000);
    awaitEvents(1_000);

    server.kill();
    sendAll(5_000, 10_000);
    patiently().until(() -> !source.health().up());
    assertThat(source.health().detail()).contains("UNAVAILABLE");
    server.start();

    awaitAcknowledged();
    assertThat(journal.data()).isEqualTo(numbers(0, 10_000));
    awaitUp();
    assertThat(source.stats().reconnects()).isPositive();
  }

  @Test
  void malformedMessagesAreCountedAndDoNotComeBack() {
    start(
        options().channelRequired(true),
        EngineOptions.DEFAULTS.toBuilder().maxPayloadBytes(100).build());
    server.publish(
        TOPIC,
        PubsubMessage.newBuilder()
            .setData(ByteString.copyFrom(new byte[] {(byte) 0xff}))
            .putAttributes("channel_id", "a")
            .build());
    send("no channel", "", Map.of());
    send("x".repeat(101), "", Map.of("channel_id", "a"));
    send("bad type", "", Map.of("channel_id", "a", "event_type", "two\nlines"));
    send("bad retry", "", Map.of("channel_id", "a", "retry", "soon"));
    send("good", "", Map.of("channel_id", "a"));

    awaitEvents(1);
    awaitAcknowledged();
    assertThat(journal.data()).containsExactly("good");
    assertThat(source.stats().invalid()).isEqualTo(5);
    assertThat(server.delivered()).isEqualTo(6);
  }

  @Test
  void malformedMessagesMayGoToADeadLetterTopic() {
    start(options().channelRequired(true).deadLetterTopic("dead"));
    send("lost its channel", "", Map.of("event_type", "t"));

    awaitAcknowledged();
    assertThat(server.published(DEAD)).hasSize(1);
    PubsubMessage letter = server.published(DEAD).get(0);
    assertThat(letter.getData().toStringUtf8()).isEqualTo("lost its channel");
    assertThat(letter.getAttributesMap())
        .containsEntry("event_type", "t")
        .containsEntry("sse_gateway_reason", "channel: none (expected: an attribute channel_id)")
        .containsEntry("sse_gateway_message_id", "1");
  }

  @Test
  void aSubscriptionOfItsOwnExpiresAndIsDeletedOnAClose() {
    start(options().subscription(null).topic("orders"));
    patiently().until(() -> server.subscriptions().size() == 2);
    Subscription own = server.subscriptions().get(1);
    assertThat(own.getTopic()).isEqualTo(TOPIC);
    assertThat(own.getName()).endsWith(source.subscription());
    assertThat(own.getEnableMessageOrdering()).isTrue();
    assertThat(own.getExpirationPolicy().getTtl().getSeconds()).isEqualTo(86_400);

    sendAll(0, 10);
    awaitEvents(10);
    engine.close();

    assertThat(server.subscriptions()).hasSize(1);
    assertThat(server.backlog(SUBSCRIPTION)).as("others have theirs").isEqualTo(10);
  }

  @Test
  void aSubscriptionThatDoesNotExistIsSaidAndReadOnceItIsThere() {
    start(options().subscription("later"));
    patiently().until(() -> source.health().detail().contains("NOT_FOUND"));

    server.createSubscription(
        Subscription.newBuilder()
            .setName("projects/test/subscriptions/later")
            .setTopic(TOPIC)
            .build());
    sendAll(0, 3);

    awaitEvents(3);
    awaitUp();
  }

  @Test
  void aWrongOptionIsNamedWithItsValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().topic("orders").build())
        .withMessage("subscription: gateway, topic: orders (expected: one of the two)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().maxOutstandingMessages(0).build())
        .withMessageContaining("maxOutstandingMessages: 0");
  }
}
