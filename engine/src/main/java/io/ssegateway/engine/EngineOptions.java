package io.ssegateway.engine;

import java.time.InstantSource;
import java.util.Objects;

/**
 * Every option of the engine, once: name, unit, default and bounds. Immutable.
 *
 * @param ringSize events in the ring, a power of two
 * @param slotBytes bytes of buffer that each event of the ring has of its own; larger ones borrow
 * @param largeEventBytes most bytes of borrowed buffers in flight
 * @param maxPayloadBytes most bytes of one payload
 * @param waitStrategy how the journal thread waits
 * @param heartbeatMs time in ms after which an idle connection gets a heartbeat; 0 for none
 * @param retryMs reconnection time in ms that clients are told, give or take half of it
 * @param stallTimeoutMs time in ms after which a connection is closed that has bytes pending and
 *     makes no progress
 * @param replayThreads threads that read the journal
 * @param maxReplayEvents most events of a channel that one replay holds; 0 for no bound
 * @param traceContext whether the trace that a message was published in travels in the journal and
 *     is told to clients
 * @param clock the time, for publish times
 */
public record EngineOptions(
    int ringSize,
    int slotBytes,
    long largeEventBytes,
    int maxPayloadBytes,
    WaitStrategyKind waitStrategy,
    int heartbeatMs,
    int retryMs,
    int stallTimeoutMs,
    int replayThreads,
    int maxReplayEvents,
    boolean traceContext,
    InstantSource clock) {

  /** The defaults. */
  public static final EngineOptions DEFAULTS =
      new EngineOptions(
          8192,
          512,
          64L * 1024 * 1024,
          1024 * 1024,
          WaitStrategyKind.BLOCKING,
          15_000,
          3_000,
          30_000,
          Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
          0,
          false,
          InstantSource.system());

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds; the text names it and its value
   */
  public EngineOptions {
    require(
        "ringSize",
        ringSize,
        ringSize >= 4 && ringSize <= 1 << 22 && Integer.bitCount(ringSize) == 1,
        "a power of two from 4 to 4194304");
    require(
        "slotBytes",
        slotBytes,
        slotBytes >= 256 && slotBytes <= 65536 && slotBytes % 64 == 0,
        "a multiple of 64 from 256 to 65536");
    require(
        "ringSize * slotBytes",
        (long) ringSize * slotBytes,
        (long) ringSize * slotBytes <= Integer.MAX_VALUE - 64,
        "at most 2 GiB");
    require("largeEventBytes", largeEventBytes, largeEventBytes > 0, "> 0");
    require(
        "maxPayloadBytes",
        maxPayloadBytes,
        maxPayloadBytes > 0 && maxPayloadBytes <= 64 * 1024 * 1024,
        "from 1 to 67108864");
    require("heartbeatMs", heartbeatMs, heartbeatMs >= 0, ">= 0");
    require("retryMs", retryMs, retryMs > 0 && retryMs <= 86_400_000, "from 1 to 86400000");
    require("stallTimeoutMs", stallTimeoutMs, stallTimeoutMs > 0, "> 0");
    require(
        "replayThreads", replayThreads, replayThreads > 0 && replayThreads <= 256, "from 1 to 256");
    require("maxReplayEvents", maxReplayEvents, maxReplayEvents >= 0, ">= 0");
    Objects.requireNonNull(waitStrategy, "waitStrategy");
    Objects.requireNonNull(clock, "clock");
  }

  private static void require(String name, long value, boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }

  /** Starts from these options to change some. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Changes options one by one. Not thread-safe. */
  public static final class Builder {
    private int ringSize;
    private int slotBytes;
    private long largeEventBytes;
    private int maxPayloadBytes;
    private WaitStrategyKind waitStrategy;
    private int heartbeatMs;
    private int retryMs;
    private int stallTimeoutMs;
    private int replayThreads;
    private int maxReplayEvents;
    private boolean traceContext;
    private InstantSource clock;

    private Builder(EngineOptions from) {
      ringSize = from.ringSize;
      slotBytes = from.slotBytes;
      largeEventBytes = from.largeEventBytes;
      maxPayloadBytes = from.maxPayloadBytes;
      waitStrategy = from.waitStrategy;
      heartbeatMs = from.heartbeatMs;
      retryMs = from.retryMs;
      stallTimeoutMs = from.stallTimeoutMs;
      replayThreads = from.replayThreads;
      maxReplayEvents = from.maxReplayEvents;
      traceContext = from.traceContext;
      clock = from.clock;
    }

    /** Events in the ring, a power of two. */
    public Builder ringSize(int events) {
      ringSize = events;
      return this;
    }

    /** Bytes of buffer of each event of the ring. */
    public Builder slotBytes(int bytes) {
      slotBytes = bytes;
      return this;
    }

    /** Most bytes of buffers for larger events in flight. */
    public Builder largeEventBytes(long bytes) {
      largeEventBytes = bytes;
      return this;
    }

    /** Most bytes of one payload. */
    public Builder maxPayloadBytes(int bytes) {
      maxPayloadBytes = bytes;
      return this;
    }

    /** How the journal thread waits. */
    public Builder waitStrategy(WaitStrategyKind kind) {
      waitStrategy = kind;
      return this;
    }

    /** Time in ms after which an idle connection gets a heartbeat; 0 for none. */
    public Builder heartbeatMs(int ms) {
      heartbeatMs = ms;
      return this;
    }

    /** Reconnection time in ms that clients are told. */
    public Builder retryMs(int ms) {
      retryMs = ms;
      return this;
    }

    /** Time in ms after which a connection is closed that makes no progress. */
    public Builder stallTimeoutMs(int ms) {
      stallTimeoutMs = ms;
      return this;
    }

    /** Threads that read the journal. */
    public Builder replayThreads(int threads) {
      replayThreads = threads;
      return this;
    }

    /** Most events of a channel that one replay holds; 0 for no bound. */
    public Builder maxReplayEvents(int events) {
      maxReplayEvents = events;
      return this;
    }

    /** Whether the trace that a message was published in travels with it. */
    public Builder traceContext(boolean travels) {
      traceContext = travels;
      return this;
    }

    /** The time. */
    public Builder clock(InstantSource source) {
      clock = source;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if an option is out of its bounds
     */
    public EngineOptions build() {
      return new EngineOptions(
          ringSize,
          slotBytes,
          largeEventBytes,
          maxPayloadBytes,
          waitStrategy,
          heartbeatMs,
          retryMs,
          stallTimeoutMs,
          replayThreads,
          maxReplayEvents,
          traceContext,
          clock);
    }
  }
}
