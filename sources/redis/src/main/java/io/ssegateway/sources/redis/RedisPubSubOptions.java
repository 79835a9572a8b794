package io.ssegateway.sources.redis;

import io.ssegateway.engine.support.Checks;
import io.ssegateway.redis.client.RedisConnectionOptions;
import java.util.List;
import java.util.Objects;

/**
 * Every option of {@link RedisPubSubSource}, once: name, unit, default and bounds. Immutable.
 *
 * @param connection how to reach Redis
 * @param name the source's name in logs and stats
 * @param prefix what a Redis channel's name has in front of the channel's; may be empty
 * @param broadcastName the channel's name, behind the prefix, that stands for everyone
 * @param patterns what to subscribe to by {@code PSUBSCRIBE}; not used in the other modes
 * @param mode how to subscribe
 * @param strictJson whether a payload that is no JSON message is refused instead of delivered as it
 *     is
 * @param identify whether each message carries an identity, so that a journal that several nodes
 *     share stores it once
 * @param queueMessages messages that may wait for the ring before reading from Redis stops
 * @param queueBytes bytes of payloads that may wait for the ring before reading from Redis stops
 */
public record RedisPubSubOptions(
    RedisConnectionOptions connection,
    String name,
    String prefix,
    String broadcastName,
    List<String> patterns,
    Mode mode,
    boolean strictJson,
    boolean identify,
    int queueMessages,
    long queueBytes) {

  /** How to subscribe. */
  public enum Mode {
    /** To the patterns, once, by {@code PSUBSCRIBE}. */
    PATTERNS,
    /** To the channels that have subscribers here, and to the broadcasts, by {@code SUBSCRIBE}. */
    ON_DEMAND,
    /** As on demand, by {@code SSUBSCRIBE}; for messages sent by {@code SPUBLISH}. */
    SHARDED
  }

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds; the text names it and its value
   */
  public RedisPubSubOptions {
    Objects.requireNonNull(connection, "connection");
    Objects.requireNonNull(prefix, "prefix");
    Objects.requireNonNull(mode, "mode");
    Checks.requireName("name", name);
    Checks.requireNotEmpty("broadcastName", broadcastName);
    patterns = List.copyOf(patterns);
    if (mode == Mode.PATTERNS && patterns.isEmpty()) {
      throw new IllegalArgumentException("patterns: none (expected: at least one)");
    }
    patterns.forEach(pattern -> Checks.requireNotEmpty("patterns", pattern));
    Checks.requireBetween("queueMessages", queueMessages, 1, 100_000_000);
    Checks.require("queueBytes", queueBytes, queueBytes > 0, "> 0");
  }

  /** The defaults for a Redis. */
  public static RedisPubSubOptions of(RedisConnectionOptions connection) {
    return builder(connection).build();
  }

  /** Starts from the defaults. */
  public static Builder builder(RedisConnectionOptions connection) {
    return new Builder(connection);
  }

  /** Changes options one by one. Not thread-safe. */
  public static final class Builder {
    private final RedisConnectionOptions connection;
    private String name = "redis";
    private String prefix = "sse:";
    private String broadcastName = "broadcast";
    private List<String> patterns = List.of();
    private Mode mode = Mode.PATTERNS;
    private boolean strictJson;
    private boolean identify = true;
    private int queueMessages = 16_384;
    private long queueBytes = 32L * 1024 * 1024;

    private Builder(RedisConnectionOptions connection) {
      this.connection = connection;
    }

    /** The source's name; {@code redis} by default. */
    public Builder name(String text) {
      name = text;
      return this;
    }

    /** What a Redis channel's name has in front; {@code sse:} by default. */
    public Builder prefix(String text) {
      prefix = text;
      return this;
    }

    /** The name, behind the prefix, that stands for everyone; {@code broadcast} by default. */
    public Builder broadcastName(String text) {
      broadcastName = text;
      return this;
    }

    /** What to subscribe to; the prefix and {@code *} by default. */
    public Builder patterns(List<String> list) {
      patterns = list;
      return this;
    }

    /** How to subscribe; {@link Mode#PATTERNS} by default. */
    public Builder mode(Mode how) {
      mode = how;
      return this;
    }

    /** Whether a payload that is no JSON message is refused; false by default. */
    public Builder strictJson(boolean strict) {
      strictJson = strict;
      return this;
    }

    /** Whether each message carries an identity; true by default. */
    public Builder identify(boolean does) {
      identify = does;
      return this;
    }

    /** Messages that may wait for the ring. */
    public Builder queueMessages(int messages) {
      queueMessages = messages;
      return this;
    }

    /** Bytes of payloads that may wait for the ring. */
    public Builder queueBytes(long bytes) {
      queueBytes = bytes;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if an option is out of its bounds
     */
    public RedisPubSubOptions build() {
      return new RedisPubSubOptions(
          connection,
          name,
          prefix,
          broadcastName,
          patterns.isEmpty() ? List.of(escape(prefix) + "*") : patterns,
          mode,
          strictJson,
          identify,
          queueMessages,
          queueBytes);
    }

    /** What Redis would take for a pattern in a prefix stands for itself. */
    private static String escape(String prefix) {
      return prefix.replaceAll("([*?\\[\\]\\\\^])", "\\\\$1");
    }
  }
}
