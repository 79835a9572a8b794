package io.ssegateway.gateway.config;

import io.ssegateway.gateway.config.Setting.Group;
import io.ssegateway.sources.kafka.StartPosition;
import io.ssegateway.sources.kafka.ValueFormat;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/** Settings of the sources beside HTTP. */
public final class SourceSettings {
  private static final List<Setting<?>> ALL = new ArrayList<>();

  /** Whether to listen to Redis Pub/Sub, and how. */
  public enum RedisPubSub {
    /** Not at all. */
    OFF,
    /** To patterns. */
    PATTERNS,
    /** To the channels that have listeners here. */
    ON_DEMAND,
    /** To those, by {@code SSUBSCRIBE}. */
    SHARDED
  }

  // ---- Redis: for the sources, and for the redis journal ----

  /** Where Redis is. */
  public static final Setting<List<String>> REDIS_URIS =
      add(
          Setting.list(
                  Group.SOURCES,
                  "redis-uri",
                  "Where Redis is: redis://user:password@host:6379, rediss:// for TLS, or redis-sentinel://; with redis-cluster some of the nodes, separated by commas.")
              .hidden());

  /** Whether Redis is a cluster. */
  public static final Setting<Boolean> REDIS_CLUSTER =
      add(Setting.yesOrNo(Group.SOURCES, "redis-cluster", false, "Whether it is a Redis Cluster."));

  /** Authorities of the certificate of Redis. */
  public static final Setting<String> REDIS_CA =
      add(
          Setting.text(
              Group.SOURCES,
              "redis-ca",
              "",
              "PEM file of the authorities that sign the certificate of Redis; empty for those that Java trusts."));

  /** Certificate to show to Redis. */
  public static final Setting<String> REDIS_CERTIFICATE =
      add(
          Setting.text(
              Group.SOURCES,
              "redis-certificate",
              "",
              "PEM file of the certificate to show to Redis; empty for none."));

  /** Private key to the certificate. */
  public static final Setting<String> REDIS_KEY =
      add(
          Setting.text(
              Group.SOURCES,
              "redis-key",
              "",
              "PEM file of the private key of redis-certificate (PKCS #8)."));

  /** Whether to listen to Redis Pub/Sub. */
  public static final Setting<RedisPubSub> REDIS_PUBSUB =
      add(
          Setting.choice(
              Group.SOURCES,
              "redis-pubsub",
              RedisPubSub.OFF,
              "Whether to listen to Redis Pub/Sub, and how: to patterns, only to the channels that have listeners here (on-demand), or to those by SSUBSCRIBE (sharded)."));

  /** Prefix of Redis channels. */
  public static final Setting<String> REDIS_PREFIX =
      add(
          Setting.text(
              Group.SOURCES,
              "redis-prefix",
              "sse:",
              "What the name of a Redis channel has in front of the channel."));

  /** Name that stands for everyone. */
  public static final Setting<String> REDIS_BROADCAST =
      add(
          Setting.text(
              Group.SOURCES,
              "redis-broadcast",
              "broadcast",
              "The name behind redis-prefix that stands for everyone."));

  /** Patterns to listen to. */
  public static final Setting<List<String>> REDIS_PATTERNS =
      add(
          Setting.list(
              Group.SOURCES,
              "redis-patterns",
              "Patterns to listen to, separated by commas; by default redis-prefix and a star."));

  /** Whether payloads must be JSON messages. */
  public static final Setting<Boolean> REDIS_STRICT_JSON =
      add(
          Setting.yesOrNo(
              Group.SOURCES,
              "redis-strict-json",
              false,
              "Whether a payload that is no JSON message is refused instead of delivered as it is."));

  /** Redis Streams to read. */
  public static final Setting<List<String>> REDIS_STREAMS =
      add(
          Setting.list(
              Group.SOURCES,
              "redis-streams",
              "Redis Streams to read, separated by commas: key, or key=channel for entries that name no channel."));

  /** Where to begin in a stream. */
  public static final Setting<String> REDIS_STREAMS_START =
      add(
          Setting.text(
              Group.SOURCES,
              "redis-streams-start",
              "$",
              "Where to begin in a stream of which the journal has nothing: $ for what comes from now on, 0 for all there is, or an id."));

  /** Field with a message as JSON. */
  public static final Setting<String> REDIS_STREAMS_JSON_FIELD =
      add(
          Setting.text(
              Group.SOURCES,
              "redis-streams-json-field",
              "",
              "The field of an entry that holds a message as JSON; empty if the fields are those of a message."));

  // ---- Kafka ----

  /** Brokers to begin with. */
  public static final Setting<String> KAFKA_SERVERS =
      add(
          Setting.text(
              Group.SOURCES,
              "kafka-servers",
              "localhost:9092",
              "Brokers to begin with, host:port, separated by commas."));

  /** Topics to read. */
  public static final Setting<List<String>> KAFKA_TOPICS =
      add(
          Setting.list(
              Group.SOURCES,
              "kafka-topics",
              "Kafka topics to read, separated by commas. Every node reads all partitions."));

  /** Topics by a pattern. */
  public static final Setting<String> KAFKA_TOPIC_PATTERN =
      add(
          Setting.text(
              Group.SOURCES,
              "kafka-topic-pattern",
              "",
              "Kafka topics to read by a regular expression, instead of kafka-topics."));

  /** What a value is. */
  public static final Setting<ValueFormat> KAFKA_VALUE =
      add(
          Setting.choice(
              Group.SOURCES,
              "kafka-value",
              ValueFormat.TEXT,
              "What the value of a record is: the data, or a message as JSON."));

  /** Header with the channel. */
  public static final Setting<String> KAFKA_CHANNEL_HEADER =
      add(
          Setting.text(
              Group.SOURCES,
              "kafka-channel-header",
              "",
              "Header that holds the channel; empty: the key of the record does."));

  /** Header with the event type. */
  public static final Setting<String> KAFKA_TYPE_HEADER =
      add(
          Setting.text(
              Group.SOURCES,
              "kafka-type-header",
              "event_type",
              "Header that holds the event type; empty for none."));

  /** Header with the id. */
  public static final Setting<String> KAFKA_ID_HEADER =
      add(
          Setting.text(
              Group.SOURCES,
              "kafka-id-header",
              "id",
              "Header that holds the publisher's own id; empty for none."));

  /** Whether records need a channel. */
  public static final Setting<Boolean> KAFKA_CHANNEL_REQUIRED =
      add(
          Setting.yesOrNo(
              Group.SOURCES,
              "kafka-channel-required",
              false,
              "Whether a record without a channel is invalid; otherwise it goes to everyone."));

  /** Where a partition is begun. */
  public static final Setting<StartPosition> KAFKA_START =
      add(
          Setting.parsed(
              Group.SOURCES,
              "kafka-start",
              "latest|earliest|TIME",
              "latest",
              "Where to begin in a partition of which the journal has nothing: latest, earliest, or a time such as 2026-01-31T12:00:00Z.",
              SourceSettings::startPosition));

  /** Further properties of the client. */
  public static final Setting<String> KAFKA_PROPERTIES =
      add(
          Setting.text(
              Group.SOURCES,
              "kafka-properties",
              "",
              "File of further properties of the Kafka client, for TLS and SASL."));

  // ---- Google Cloud Pub/Sub ----

  /** Google Cloud project. */
  public static final Setting<String> GCP_PROJECT =
      add(
          Setting.text(
                  Group.SOURCES,
                  "gcp-project",
                  "",
                  "Google Cloud project of the subscription or topic.")
              .orEnvironment("GCP_PROJECT"));

  /** Subscription to read. */
  public static final Setting<String> PUBSUB_SUBSCRIPTION =
      add(
          Setting.text(
                  Group.SOURCES, "pubsub-subscription", "", "Google Pub/Sub subscription to read.")
              .orEnvironment("PUBSUB_SUBSCRIPTION"));

  /** Topic to read. */
  public static final Setting<String> PUBSUB_TOPIC =
      add(
          Setting.text(
                  Group.SOURCES,
                  "pubsub-topic",
                  "",
                  "Google Pub/Sub topic to read by a subscription of this node's own, so that each node gets every message; instead of pubsub-subscription.")
              .orEnvironment("PUBSUB_TOPIC"));

  /** Whether messages need a channel. */
  public static final Setting<Boolean> PUBSUB_CHANNEL_REQUIRED =
      add(
          Setting.yesOrNo(
              Group.SOURCES,
              "pubsub-channel-required",
              false,
              "Whether a message without channel_id is invalid; otherwise it goes to everyone."));

  /** Topic for what cannot become an event. */
  public static final Setting<String> PUBSUB_DEAD_LETTER_TOPIC =
      add(
          Setting.text(
              Group.SOURCES,
              "pubsub-dead-letter-topic",
              "",
              "Google Pub/Sub topic for what cannot become an event; empty: it is dropped."));

  /** Address of an emulator. */
  public static final Setting<String> PUBSUB_EMULATOR =
      add(
          Setting.text(
                  Group.SOURCES,
                  "pubsub-emulator",
                  "",
                  "host:port of an emulator, which is spoken to without TLS and credentials.")
              .orEnvironment("PUBSUB_EMULATOR_HOST"));

  // ---- webhooks ----

  /** File of webhooks. */
  public static final Setting<String> WEBHOOKS =
      add(
          Setting.text(
              Group.SOURCES,
              "webhooks",
              "",
              "File that says what POST /webhook/NAME takes and from whom (docs/webhook.md)."));

  private SourceSettings() {}

  private static StartPosition startPosition(String text) {
    return switch (text) {
      case "latest" -> StartPosition.LATEST;
      case "earliest" -> StartPosition.EARLIEST;
      default -> startTime(text);
    };
  }

  private static StartPosition startTime(String text) {
    try {
      return StartPosition.at(Instant.parse(text));
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "latest, earliest, or a time such as 2026-01-31T12:00:00Z", e);
    }
  }

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }

  static List<Setting<?>> all() {
    return ALL;
  }
}
