package io.ssegateway.storage.redis;

import io.ssegateway.engine.support.Checks;
import io.ssegateway.redis.client.RedisConnectionOptions;
import java.util.Objects;

/**
 * Every option of {@link RedisJournal}, once: name, unit, default and bounds. Immutable. Nodes that
 * share a history have the same prefix and should have the same retention.
 *
 * @param connection how to reach Redis
 * @param keyPrefix what all keys begin with; has a hash tag, so that a cluster keeps them together
 * @param maxEvents most events of the history, or 0 for no bound
 * @param maxAgeMs age in ms after which an event is removed, or 0 for no bound
 * @param tailBytes bytes of memory for recent events, out of which most replays are served
 * @param commitTimeoutMs time in ms for which an unreachable Redis is tried before what waits is
 *     refused
 * @param readTimeoutMs time in ms that a replay waits for an answer
 * @param openTimeoutMs time in ms to find Redis at the start
 * @param copyWindowMs time in ms in which a copy of a message without an id is known as one
 * @param idWindowMs time in ms in which a copy of a message with an id is known as one
 */
public record RedisJournalOptions(
    RedisConnectionOptions connection,
    String keyPrefix,
    long maxEvents,
    long maxAgeMs,
    long tailBytes,
    int commitTimeoutMs,
    int readTimeoutMs,
    int openTimeoutMs,
    int copyWindowMs,
    int idWindowMs) {

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds; the text names it and its value
   */
  public RedisJournalOptions {
    Objects.requireNonNull(connection, "connection");
    int tag = keyPrefix.indexOf('{');
    if (tag < 0 || keyPrefix.indexOf('}', tag) <= tag + 1) {
      throw new IllegalArgumentException(
          "keyPrefix: \"" + keyPrefix + "\" (expected: with a hash tag, such as {sse}:)");
    }
    Checks.require(
        "maxEvents", maxEvents, maxEvents >= 0 && maxEvents <= 1L << 40, "from 0 to 2^40");
    Checks.require("maxAgeMs", maxAgeMs, maxAgeMs >= 0 && maxAgeMs <= 1L << 40, "from 0 to 2^40");
    if (maxEvents == 0 && maxAgeMs == 0) {
      throw new IllegalArgumentException(
          "maxEvents: 0, maxAgeMs: 0 (expected: a bound, or Redis runs out of memory)");
    }
    Checks.require("tailBytes", tailBytes, tailBytes > 0, "> 0");
    Checks.require("commitTimeoutMs", commitTimeoutMs, commitTimeoutMs > 0, "> 0");
    Checks.require("readTimeoutMs", readTimeoutMs, readTimeoutMs > 0, "> 0");
    Checks.require("openTimeoutMs", openTimeoutMs, openTimeoutMs > 0, "> 0");
    Checks.require("copyWindowMs", copyWindowMs, copyWindowMs > 0, "> 0");
    Checks.require("idWindowMs", idWindowMs, idWindowMs > 0, "> 0");
  }

  /** The defaults for a Redis. */
  public static RedisJournalOptions of(RedisConnectionOptions connection) {
    return builder(connection).build();
  }

  /** Starts from the defaults. */
  public static Builder builder(RedisConnectionOptions connection) {
    return new Builder(connection);
  }

  /** Changes options one by one. Not thread-safe. */
  public static final class Builder {
    private final RedisConnectionOptions connection;
    private String keyPrefix = "{sse-gateway}:";
    private long maxEvents = 1_000_000;
    private long maxAgeMs = 24L * 60 * 60 * 1000;
    private long tailBytes = 64L * 1024 * 1024;
    private int commitTimeoutMs = 5_000;
    private int readTimeoutMs = 5_000;
    private int openTimeoutMs = 10_000;
    private int copyWindowMs = 30_000;
    private int idWindowMs = 300_000;

    private Builder(RedisConnectionOptions connection) {
      this.connection = connection;
    }

    /** What all keys begin with; <code>{sse-gateway}:</code> by default. */
    public Builder keyPrefix(String prefix) {
      keyPrefix = prefix;
      return this;
    }

    /** Most events of the history; a million by default, 0 for no bound. */
    public Builder maxEvents(long events) {
      maxEvents = events;
      return this;
    }

    /** Age in ms after which an event is removed; a day by default, 0 for no bound. */
    public Builder maxAgeMs(long ms) {
      maxAgeMs = ms;
      return this;
    }

    /** Bytes of memory for recent events; 64 MiB by default. */
    public Builder tailBytes(long bytes) {
      tailBytes = bytes;
      return this;
    }

    /** Time in ms for which an unreachable Redis is tried before what waits is refused. */
    public Builder commitTimeoutMs(int ms) {
      commitTimeoutMs = ms;
      return this;
    }

    /** Time in ms that a replay waits for an answer. */
    public Builder readTimeoutMs(int ms) {
      readTimeoutMs = ms;
      return this;
    }

    /** Time in ms to find Redis at the start. */
    public Builder openTimeoutMs(int ms) {
      openTimeoutMs = ms;
      return this;
    }

    /** Time in ms in which a copy of a message without an id is known as one. */
    public Builder copyWindowMs(int ms) {
      copyWindowMs = ms;
      return this;
    }

    /** Time in ms in which a copy of a message with an id is known as one. */
    public Builder idWindowMs(int ms) {
      idWindowMs = ms;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if an option is out of its bounds
     */
    public RedisJournalOptions build() {
      return new RedisJournalOptions(
          connection,
          keyPrefix,
          maxEvents,
          maxAgeMs,
          tailBytes,
          commitTimeoutMs,
          readTimeoutMs,
          openTimeoutMs,
          copyWindowMs,
          idWindowMs);
    }
  }
}
