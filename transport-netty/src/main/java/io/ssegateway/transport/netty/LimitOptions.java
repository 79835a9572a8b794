package io.ssegateway.transport.netty;

import java.util.List;
import java.util.Objects;

/**
 * What one client, and all together, may take up, and who may speak for another. Immutable.
 *
 * @param maxStreamsPerAddress most open streams of one client address, of an IPv6 client of its
 *     /64; 0 for no bound
 * @param maxStreamsPerSubject most open streams of one {@link Grant#subject}; 0 for no bound
 * @param requestsPerSecond requests a second that one such address may make for long; 0 for no
 *     bound
 * @param requestBurst requests that it may make at once
 * @param messagesPerSecond messages a second that one subject, or without one an address, may
 *     publish for long; 0 for no bound
 * @param messageBurst messages that it may publish at once; a request that holds more is let in,
 *     and the next wait for as long as that is worth
 * @param maxTotalPendingBytes bytes that all streams' sockets may owe together; 0 for no bound
 * @param refusal how a stream over a limit is refused
 * @param refusalRetryMs time in ms after which a refused client is told to come back, give or take
 *     half of it
 * @param trustedProxies addresses, or networks such as {@code 10.0.0.0/8}, that are believed when
 *     they speak for others
 * @param forwardedHeader the header by which they do
 * @param proxyProtocol whether every connection is a trusted proxy's and begins with a header of
 *     the PROXY protocol
 */
public record LimitOptions(
    int maxStreamsPerAddress,
    int maxStreamsPerSubject,
    int requestsPerSecond,
    int requestBurst,
    int messagesPerSecond,
    int messageBurst,
    long maxTotalPendingBytes,
    Refusal refusal,
    int refusalRetryMs,
    List<String> trustedProxies,
    ForwardedHeader forwardedHeader,
    boolean proxyProtocol) {

  /** How a stream over a limit is refused. */
  public enum Refusal {
    /** By status 503, which ends a browser's EventSource for good. */
    UNAVAILABLE,
    /** By status 429, which does so too. */
    TOO_MANY,
    /** By status 200 and a stream that says only when to come back. */
    RETRY
  }

  /**
   * The header in which trusted proxies tell whom they speak for. Only one is believed: the other
   * goes through a proxy that does not know it as the client wrote it.
   */
  public enum ForwardedHeader {
    /** {@code X-Forwarded-For}. */
    X_FORWARDED_FOR,
    /** {@code Forwarded} (RFC 7239). */
    FORWARDED
  }

  /** No limits but those of all streams together, and no proxies. */
  public static final LimitOptions DEFAULTS = new Builder().build();

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds
   */
  public LimitOptions {
    Objects.requireNonNull(refusal, "refusal");
    Objects.requireNonNull(forwardedHeader, "forwardedHeader");
    trustedProxies = List.copyOf(trustedProxies);
    requireNatural("maxStreamsPerAddress", maxStreamsPerAddress);
    requireNatural("maxStreamsPerSubject", maxStreamsPerSubject);
    requireNatural("maxTotalPendingBytes", maxTotalPendingBytes);
    requireFromTo("requestsPerSecond", requestsPerSecond, 0, 1_000_000);
    requireFromTo("requestBurst", requestBurst, 1, 1_000_000);
    requireFromTo("messagesPerSecond", messagesPerSecond, 0, 1_000_000);
    requireFromTo("messageBurst", messageBurst, 1, 1_000_000);
    requireFromTo("refusalRetryMs", refusalRetryMs, 1, 86_400_000);
    trustedProxies.forEach(Network::parse);
    if (proxyProtocol && trustedProxies.isEmpty()) {
      throw new IllegalArgumentException(
          "trustedProxies: none (expected: those who may speak the PROXY protocol)");
    }
  }

  private static void requireNatural(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
    }
  }

  private static void requireFromTo(String name, int value, int from, int to) {
    if (value < from || value > to) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: from " + from + " to " + to + ")");
    }
  }

  /** Begins with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds {@link LimitOptions}. Not thread-safe. */
  public static final class Builder {
    private int maxStreamsPerAddress;
    private int maxStreamsPerSubject;
    private int requestsPerSecond;
    private int requestBurst = 100;
    private int messagesPerSecond;
    private int messageBurst = 1_000;
    private long maxTotalPendingBytes = 512L << 20;
    private Refusal refusal = Refusal.UNAVAILABLE;
    private int refusalRetryMs = 30_000;
    private List<String> trustedProxies = List.of();
    private ForwardedHeader forwardedHeader = ForwardedHeader.X_FORWARDED_FOR;
    private boolean proxyProtocol;

    private Builder() {}

    /** Most open streams of one client address; 0 for no bound. */
    public Builder maxStreamsPerAddress(int streams) {
      maxStreamsPerAddress = streams;
      return this;
    }

    /** Most open streams of one subject; 0 for no bound. */
    public Builder maxStreamsPerSubject(int streams) {
      maxStreamsPerSubject = streams;
      return this;
    }

    /** Requests that one address may make, for long (0 for no bound) and at once. */
    public Builder requestRate(int perSecond, int burst) {
      requestsPerSecond = perSecond;
      requestBurst = burst;
      return this;
    }

    /** Messages that one subject may publish, for long (0 for no bound) and at once. */
    public Builder messageRate(int perSecond, int burst) {
      messagesPerSecond = perSecond;
      messageBurst = burst;
      return this;
    }

    /** Bytes that all streams' sockets may owe together; 0 for no bound. */
    public Builder maxTotalPendingBytes(long bytes) {
      maxTotalPendingBytes = bytes;
      return this;
    }

    /** How a stream over a limit is refused. */
    public Builder refusal(Refusal kind) {
      refusal = kind;
      return this;
    }

    /** Time in ms after which a refused client is told to come back. */
    public Builder refusalRetryMs(int ms) {
      refusalRetryMs = ms;
      return this;
    }

    /** Addresses and networks that are believed when they speak for others. */
    public Builder trustedProxies(List<String> networks) {
      trustedProxies = networks;
      return this;
    }

    /** The header by which they do. */
    public Builder forwardedHeader(ForwardedHeader header) {
      forwardedHeader = header;
      return this;
    }

    /** Whether every connection begins with a header of the PROXY protocol. */
    public Builder proxyProtocol(boolean required) {
      proxyProtocol = required;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if an option is out of its bounds
     */
    public LimitOptions build() {
      return new LimitOptions(
          maxStreamsPerAddress,
          maxStreamsPerSubject,
          requestsPerSecond,
          requestBurst,
          messagesPerSecond,
          messageBurst,
          maxTotalPendingBytes,
          refusal,
          refusalRetryMs,
          trustedProxies,
          forwardedHeader,
          proxyProtocol);
    }
  }
}
