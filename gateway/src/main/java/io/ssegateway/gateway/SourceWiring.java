package io.ssegateway.gateway;

import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.gateway.config.PropertiesFile;
import io.ssegateway.gateway.config.SourceSettings;
import io.ssegateway.gateway.config.SourceSettings.RedisPubSub;
import io.ssegateway.sources.kafka.KafkaSource;
import io.ssegateway.sources.kafka.KafkaSourceOptions;
import io.ssegateway.sources.pubsub.GooglePubSubOptions;
import io.ssegateway.sources.pubsub.GooglePubSubSource;
import io.ssegateway.sources.redis.RedisPubSubOptions;
import io.ssegateway.sources.redis.RedisPubSubSource;
import io.ssegateway.sources.redis.RedisStreamsOptions;
import io.ssegateway.sources.redis.RedisStreamsSource;
import io.ssegateway.sources.webhook.WebhookSource;
import io.ssegateway.transport.netty.Gateway;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Builds the sources that a configuration switches on, each by its own settings. Stateless. */
final class SourceWiring {
  private SourceWiring() {}

  static void addSources(Configuration configuration, Gateway.Builder gateway) {
    RedisPubSub redisPubSub = configuration.get(SourceSettings.REDIS_PUBSUB);
    if (redisPubSub != RedisPubSub.OFF) {
      gateway.source(
          new RedisPubSubSource(named("redis", () -> redisPubSub(configuration, redisPubSub))));
    }
    List<String> streams = configuration.get(SourceSettings.REDIS_STREAMS);
    if (!streams.isEmpty()) {
      gateway.source(
          new RedisStreamsSource(named("redis", () -> redisStreams(configuration, streams))));
    }
    List<String> topics = configuration.get(SourceSettings.KAFKA_TOPICS);
    String topicPattern = configuration.get(SourceSettings.KAFKA_TOPIC_PATTERN);
    if (!topics.isEmpty() || !topicPattern.isEmpty()) {
      requireOneOf("kafka-topics", String.join(",", topics), "kafka-topic-pattern", topicPattern);
      gateway.source(
          new KafkaSource(named("kafka", () -> kafka(configuration, topics, topicPattern))));
    }
    String subscription = configuration.get(SourceSettings.PUBSUB_SUBSCRIPTION);
    String topic = configuration.get(SourceSettings.PUBSUB_TOPIC);
    if (!subscription.isEmpty() || !topic.isEmpty()) {
      requireOneOf("pubsub-subscription", subscription, "pubsub-topic", topic);
      gateway.source(
          new GooglePubSubSource(
              named("pubsub", () -> pubSub(configuration, subscription, topic))));
    }
    String webhooks = configuration.get(SourceSettings.WEBHOOKS);
    if (!webhooks.isEmpty()) {
      WebhookSource source = new WebhookSource(WebhookFile.read(Path.of(webhooks)));
      gateway
          .source(source)
          .endpoint(WebhookEndpoint.PATH, "POST", new WebhookEndpoint(source))
          .describe(WebhookEndpoint.PATH + "{name}", ApiDescription.of("webhook"));
    }
  }

  private static RedisPubSubOptions redisPubSub(Configuration configuration, RedisPubSub how) {
    RedisPubSubOptions.Mode mode =
        switch (how) {
          case OFF, PATTERNS -> RedisPubSubOptions.Mode.PATTERNS;
          case ON_DEMAND -> RedisPubSubOptions.Mode.ON_DEMAND;
          case SHARDED -> RedisPubSubOptions.Mode.SHARDED;
        };
    return RedisPubSubOptions.builder(RedisWiring.connection(configuration, "redis-pubsub is"))
        .mode(mode)
        .prefix(configuration.get(SourceSettings.REDIS_PREFIX))
        .broadcastName(configuration.get(SourceSettings.REDIS_BROADCAST))
        .patterns(configuration.get(SourceSettings.REDIS_PATTERNS))
        .strictJson(configuration.get(SourceSettings.REDIS_STRICT_JSON))
        .build();
  }

  private static RedisStreamsOptions redisStreams(
      Configuration configuration, List<String> streams) {
    List<RedisStreamsOptions.Stream> parsed = new ArrayList<>();
    for (String stream : streams) {
      int equals = stream.indexOf('=');
      String key = equals < 0 ? stream : stream.substring(0, equals);
      parsed.add(
          new RedisStreamsOptions.Stream(key, equals < 0 ? null : stream.substring(equals + 1)));
    }
    return RedisStreamsOptions.builder(
            RedisWiring.connection(configuration, "redis-streams is"), parsed)
        .startAt(configuration.get(SourceSettings.REDIS_STREAMS_START))
        .jsonField(text(configuration.get(SourceSettings.REDIS_STREAMS_JSON_FIELD)))
        .strictJson(configuration.get(SourceSettings.REDIS_STRICT_JSON))
        .build();
  }

  private static KafkaSourceOptions kafka(
      Configuration configuration, List<String> topics, String topicPattern) {
    KafkaSourceOptions.Builder options =
        KafkaSourceOptions.builder(configuration.get(SourceSettings.KAFKA_SERVERS))
            .topics(topics.toArray(String[]::new))
            .topicPattern(text(topicPattern))
            .valueFormat(configuration.get(SourceSettings.KAFKA_VALUE))
            .channelHeader(text(configuration.get(SourceSettings.KAFKA_CHANNEL_HEADER)))
            .typeHeader(text(configuration.get(SourceSettings.KAFKA_TYPE_HEADER)))
            .idHeader(text(configuration.get(SourceSettings.KAFKA_ID_HEADER)))
            .channelRequired(configuration.get(SourceSettings.KAFKA_CHANNEL_REQUIRED))
            .start(configuration.get(SourceSettings.KAFKA_START));
    String file = configuration.get(SourceSettings.KAFKA_PROPERTIES);
    if (!file.isEmpty()) {
      Properties properties = PropertiesFile.read("kafka-properties", Path.of(file));
      properties
          .stringPropertyNames()
          .forEach(name -> options.clientProperty(name, properties.getProperty(name)));
    }
    return options.build();
  }

  private static GooglePubSubOptions pubSub(
      Configuration configuration, String subscription, String topic) {
    String project = configuration.get(SourceSettings.GCP_PROJECT);
    if (project.isEmpty()) {
      throw new ConfigurationException(
          "gcp-project: not set (expected: the project of the Pub/Sub subscription or topic)");
    }
    return GooglePubSubOptions.builder(project)
        .subscription(text(subscription))
        .topic(text(topic))
        .channelRequired(configuration.get(SourceSettings.PUBSUB_CHANNEL_REQUIRED))
        .deadLetterTopic(text(configuration.get(SourceSettings.PUBSUB_DEAD_LETTER_TOPIC)))
        .emulatorHost(text(configuration.get(SourceSettings.PUBSUB_EMULATOR)))
        .build();
  }

  /** Says which settings an option belongs to that an embedder knows by another name. */
  static <T> T named(String settings, Supplier<T> options) {
    try {
      return options.get();
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("settings " + settings + "-*: " + e.getMessage());
    }
  }

  private static void requireOneOf(String one, String value, String other, String otherValue) {
    if (!value.isEmpty() && !otherValue.isEmpty()) {
      throw new ConfigurationException(
          one + ": " + value + ", " + other + ": " + otherValue + " (expected: one of the two)");
    }
  }

  private static @Nullable String text(String text) {
    return text.isEmpty() ? null : text;
  }
}
