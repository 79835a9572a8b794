package io.ssegateway.sources.kafka;

import io.ssegateway.engine.support.Checks;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Every option of a {@link KafkaSource}, once: name, unit, default and bounds. Immutable. Shows no
 * client property's value, because some are secrets.
 *
 * @param name the source's name, unique in the engine; it is part of the offsets in the journal, so
 *     a source that is renamed begins anew
 * @param topics the topics to read, or empty if there is a pattern
 * @param topicPattern topics to read by a regular expression that the whole name matches; null if
 *     topics are listed
 * @param valueFormat what a record's value is
 * @param channelHeader header that holds the channel; null: the record's key does
 * @param typeHeader header that holds the event type; null: none does
 * @param idHeader header that holds the publisher's id; null: none does
 * @param channelRequired whether a record without a channel is invalid; it goes to everyone if not
 * @param start where a partition is begun that the journal knows nothing of
 * @param discoveryIntervalMs time in ms between looks for new topics and partitions
 * @param minBackoffMs least time in ms before a failed client is made anew
 * @param maxBackoffMs most time in ms before a failed client is made anew
 * @param clientProperties properties of the Kafka client, {@code bootstrap.servers} among them,
 *     passed through as they are
 */
public record KafkaSourceOptions(
    String name,
    Set<String> topics,
    @Nullable String topicPattern,
    ValueFormat valueFormat,
    @Nullable String channelHeader,
    @Nullable String typeHeader,
    @Nullable String idHeader,
    boolean channelRequired,
    StartPosition start,
    int discoveryIntervalMs,
    int minBackoffMs,
    int maxBackoffMs,
    Map<String, String> clientProperties) {

  private static final String BOOTSTRAP_SERVERS = "bootstrap.servers";

  /** Properties that would change what the source promises. */
  private static final List<String> RESERVED =
      List.of(
          "group.id",
          "group.instance.id",
          "group.protocol",
          "key.deserializer",
          "value.deserializer",
          "auto.offset.reset",
          "enable.auto.commit");

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds; the text names it and its value
   */
  public KafkaSourceOptions {
    Objects.requireNonNull(valueFormat, "valueFormat");
    Objects.requireNonNull(start, "start");
    topics = Set.copyOf(topics);
    clientProperties = Map.copyOf(clientProperties);
    Checks.requireName("name", name);
    if (topics.isEmpty() == (topicPattern == null)) {
      throw new IllegalArgumentException(
          "topics: " + topics + ", topicPattern: " + topicPattern + " (expected: one of the two)");
    }
    if (topics.contains("")) {
      throw new IllegalArgumentException("topics: " + topics + " (expected: no empty name)");
    }
    if (topicPattern != null) {
      requirePattern(topicPattern);
    }
    requireHeader("channelHeader", channelHeader);
    requireHeader("typeHeader", typeHeader);
    requireHeader("idHeader", idHeader);
    Checks.requireBetween("discoveryIntervalMs", discoveryIntervalMs, 100, 3_600_000);
    Checks.requireBetween("minBackoffMs", minBackoffMs, 1, 3_600_000);
    Checks.requireBetween("maxBackoffMs", maxBackoffMs, minBackoffMs, 3_600_000);
    String servers = clientProperties.get(BOOTSTRAP_SERVERS);
    if (servers == null || servers.isBlank()) {
      throw new IllegalArgumentException(
          "clientProperties: " + BOOTSTRAP_SERVERS + " is missing (expected: host:port,…)");
    }
    for (String reserved : RESERVED) {
      if (clientProperties.containsKey(reserved)) {
        throw new IllegalArgumentException(
            "clientProperties: "
                + reserved
                + "="
                + clientProperties.get(reserved)
                + " (expected: not set, the source sets it itself)");
      }
    }
  }

  private static void requirePattern(String pattern) {
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "topicPattern: \"" + pattern + "\" (expected: a regular expression): " + e.getMessage(),
          e);
    }
  }

  private static void requireHeader(String option, @Nullable String header) {
    if (header != null && header.isEmpty()) {
      throw new IllegalArgumentException(option + ": \"\" (expected: a header's name, or null)");
    }
  }

  /** Starts from the defaults with these brokers, {@code host:port,…}. */
  public static Builder builder(String bootstrapServers) {
    return new Builder().clientProperty(BOOTSTRAP_SERVERS, bootstrapServers);
  }

  @Override
  public String toString() {
    return "KafkaSourceOptions["
        + name
        + ", "
        + (topicPattern == null ? new TreeSet<>(topics) : topicPattern)
        + ", "
        + valueFormat
        + ", start="
        + start.kind()
        + ", clientProperties="
        + new TreeSet<>(clientProperties.keySet())
        + "]";
  }

  /** Changes options one by one. Not thread-safe. */
  public static final class Builder {
    private String name = "kafka";
    private Set<String> topics = Set.of();
    private @Nullable String topicPattern;
    private ValueFormat valueFormat = ValueFormat.TEXT;
    private @Nullable String channelHeader;
    private @Nullable String typeHeader = "event_type";
    private @Nullable String idHeader = "id";
    private boolean channelRequired;
    private StartPosition start = StartPosition.LATEST;
    private int discoveryIntervalMs = 10_000;
    private int minBackoffMs = 100;
    private int maxBackoffMs = 30_000;
    private final Map<String, String> clientProperties = new TreeMap<>();

    private Builder() {}

    /** The source's name; {@code kafka} by default. */
    public Builder name(String name) {
      this.name = name;
      return this;
    }

    /** The topics to read. */
    public Builder topics(String... names) {
      topics = Set.of(names);
      return this;
    }

    /** Topics to read by a regular expression that the whole name matches. */
    public Builder topicPattern(@Nullable String regex) {
      topicPattern = regex;
      return this;
    }

    /** What a record's value is; text by default. */
    public Builder valueFormat(ValueFormat format) {
      valueFormat = format;
      return this;
    }

    /** Header that holds the channel; null, the default, for the record's key. */
    public Builder channelHeader(@Nullable String header) {
      channelHeader = header;
      return this;
    }

    /** Header that holds the event type, {@code event_type} by default; null for none. */
    public Builder typeHeader(@Nullable String header) {
      typeHeader = header;
      return this;
    }

    /** Header that holds the publisher's id, {@code id} by default; null for none. */
    public Builder idHeader(@Nullable String header) {
      idHeader = header;
      return this;
    }

    /** Whether a record without a channel is invalid; by default it goes to everyone. */
    public Builder channelRequired(boolean required) {
      channelRequired = required;
      return this;
    }

    /** Where a partition is begun that the journal knows nothing of; latest by default. */
    public Builder start(StartPosition position) {
      start = position;
      return this;
    }

    /** Time in ms between looks for new topics and partitions. */
    public Builder discoveryIntervalMs(int ms) {
      discoveryIntervalMs = ms;
      return this;
    }

    /** Bounds in ms of the time before a failed client is made anew. */
    public Builder backoffMs(int min, int max) {
      minBackoffMs = min;
      maxBackoffMs = max;
      return this;
    }

    /** A property of the Kafka client, for SASL or TLS say. */
    public Builder clientProperty(String key, String value) {
      clientProperties.put(key, value);
      return this;
    }

    /** Properties of the Kafka client. */
    public Builder clientProperties(Map<String, String> properties) {
      clientProperties.putAll(properties);
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if an option is out of its bounds
     */
    public KafkaSourceOptions build() {
      return new KafkaSourceOptions(
          name,
          topics,
          topicPattern,
          valueFormat,
          channelHeader,
          typeHeader,
          idHeader,
          channelRequired,
          start,
          discoveryIntervalMs,
          minBackoffMs,
          maxBackoffMs,
          clientProperties);
    }
  }
}
