package io.ssegateway.sources.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.api.gax.rpc.NotFoundException;
import com.google.cloud.pubsub.v1.SubscriptionAdminClient;
import com.google.cloud.pubsub.v1.SubscriptionAdminSettings;
import com.google.cloud.pubsub.v1.TopicAdminClient;
import com.google.cloud.pubsub.v1.TopicAdminSettings;
import com.google.protobuf.ByteString;
import com.google.pubsub.v1.PubsubMessage;
import com.google.pubsub.v1.Subscription;
import com.google.pubsub.v1.SubscriptionName;
import com.google.pubsub.v1.TopicName;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.testing.StagedJournal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The source against the emulator that the environment names; skipped where it names none. */
@Timeout(180)
class GooglePubSubEmulatorIT {
  private static final String PROJECT = "sse-gateway-test";
  private static final List<String> KEYS = List.of("k0", "k1", "k2");
  private static final int PER_KEY = 50;

  /** Longer than the client's leases of 60 s: what was not acknowledged has come again by then. */
  private static final Duration LEASES_ENDED = Duration.ofSeconds(63);

  private final String suffix = UUID.randomUUID().toString();
  private final TopicName topic = TopicName.of(PROJECT, "topic-" + suffix);
  private final SubscriptionName subscription =
      SubscriptionName.of(PROJECT, "subscription-" + suffix);
  private TopicAdminClient topics;
  private SubscriptionAdminClient subscriptions;
  private Engine engine;

  @BeforeEach
  void makeTopicAndSubscription() throws Exception {
    String host = System.getenv(GooglePubSubOptions.EMULATOR_ENVIRONMENT);
    assumeTrue(
        host != null && !host.isBlank(),
        "PUBSUB_EMULATOR_HOST is not set (expected: host:port of a Pub/Sub emulator)");
    InstantiatingGrpcChannelProvider channel =
        TopicAdminSettings.defaultGrpcTransportProviderBuilder()
            .setEndpoint(host)
            .setChannelConfigurator(plain -> plain.usePlaintext())
            .build();
    topics =
        TopicAdminClient.create(
            TopicAdminSettings.newBuilder()
                .setTransportChannelProvider(channel)
                .setCredentialsProvider(NoCredentialsProvider.create())
                .build());
    subscriptions =
        SubscriptionAdminClient.create(
            SubscriptionAdminSettings.newBuilder()
                .setTransportChannelProvider(channel)
                .setCredentialsProvider(NoCredentialsProvider.create())
                .build());
    topics.createTopic(topic);
    subscriptions.createSubscription(
        Subscription.newBuilder()
            .setName(subscription.toString())
            .setTopic(topic.toString())
            .setAckDeadlineSeconds(10)
            .setEnableMessageOrdering(true)
            .build());
  }

  @AfterEach
  void removeWhatWasMade() {
    if (engine != null) {
      engine.close();
    }
    if (subscriptions != null) {
      try (SubscriptionAdminClient closed = subscriptions) {
        closed.deleteSubscription(subscription);
      }
    }
    if (topics != null) {
      try (TopicAdminClient closed = topics) {
        closed.deleteTopic(topic);
      }
    }
  }

  private StagedJournal start(GooglePubSubSource source) {
    StagedJournal journal = new StagedJournal();
    engine = Engine.builder().journal(journal).source(source).build();
    engine.start();
    return journal;
  }

  /** Publishes numbered messages, the keys taking turns; a request may hold one key only. */
  private void publish(int from, int to) {
    for (int i = from; i < to; i++) {
      for (String key : KEYS) {
        PubsubMessage message =
            PubsubMessage.newBuilder()
                .setData(ByteString.copyFromUtf8("n" + i))
                .setOrderingKey(key)
                .putAttributes("channel_id", key)
                .putAttributes("event_type", "number")
                .putAttributes("id", key + "-" + i)
                .build();
        topics.publish(topic, List.of(message));
      }
    }
  }

  /** Each once, and in the order of each key; the keys among each other have none. */
  private static void assertHolds(StagedJournal journal, int from, int to) {
    for (String key : KEYS) {
      List<StagedJournal.Event> expected = new ArrayList<>();
      for (int i = from; i < to; i++) {
        expected.add(new StagedJournal.Event(key, "number", key + "-" + i, "n" + i, null));
      }
      assertThat(journal.events().stream().filter(event -> key.equals(event.channel())).toList())
          .isEqualTo(expected);
    }
    assertThat(journal.size()).isEqualTo((to - from) * KEYS.size());
  }

  private static ConditionFactory patiently() {
    return await().pollInterval(Duration.ofMillis(20)).atMost(Duration.ofSeconds(40));
  }

  @Test
  void everyMessageArrivesOnceInItsKeysOrderAndIsAcknowledged() {
    GooglePubSubOptions options =
        GooglePubSubOptions.builder(PROJECT).subscription(subscription.getSubscription()).build();
    StagedJournal first = start(new GooglePubSubSource(options));
    publish(0, PER_KEY);
    patiently().until(() -> first.size() >= PER_KEY * KEYS.size());
    assertHolds(first, 0, PER_KEY);
    engine.close();
    assertHolds(first, 0, PER_KEY);

    StagedJournal second = start(new GooglePubSubSource(options));
    publish(PER_KEY, PER_KEY + 1);
    patiently().until(() -> second.size() >= KEYS.size());

    await()
        .during(LEASES_ENDED)
        .atMost(LEASES_ENDED.plusSeconds(10))
        .untilAsserted(() -> assertHolds(second, PER_KEY, PER_KEY + 1));
  }

  @Test
  void aSourceOfATopicMakesItsOwnSubscriptionAndDeletesItOnAClose() {
    GooglePubSubSource source =
        new GooglePubSubSource(
            GooglePubSubOptions.builder(PROJECT).topic(topic.getTopic()).build());
    StagedJournal journal = start(source);
    SubscriptionName own = SubscriptionName.of(PROJECT, source.subscription());
    Subscription made =
        patiently()
            .ignoreExceptionsInstanceOf(NotFoundException.class)
            .until(() -> subscriptions.getSubscription(own), found -> true);
    assertThat(made.getTopic()).isEqualTo(topic.toString());
    assertThat(made.getEnableMessageOrdering()).isTrue();
    publish(0, PER_KEY);
    patiently().until(() -> journal.size() >= PER_KEY * KEYS.size());
    assertHolds(journal, 0, PER_KEY);

    engine.close();

    assertThatExceptionOfType(NotFoundException.class)
        .isThrownBy(() -> subscriptions.getSubscription(own));
    assertThat(subscriptions.getSubscription(subscription).getTopic()).isEqualTo(topic.toString());
  }
}
