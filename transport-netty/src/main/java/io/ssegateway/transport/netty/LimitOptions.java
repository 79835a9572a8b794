package io.ssegateway.transport.netty;

import java.util.List;
import java.util.Objects;

/**
 * What one client may take up, and who may speak for another. Immutable.
 *
 * @param maxStreamsPerAddress most open streams of one client address, of an IPv6 client of its
 *     /64; 0 for no bound
 * @param requestsPerSecond requests a second that one such address may make for long; 0 for no
 *     bound
 * @param requestBurst requests that it may make at once
 * @param refusal how a stream over a limit is refused
 * @param refusalRetryMs time in ms after which a refused client is told to come back, give or take
 *     half of it
 * @param trustedProxies addresses, or networks such as {@code 10.0.0.0/8}, whose {@code
 *     X-Forwarded-For} is believed
 */
public record LimitOptions(
    int maxStreamsPerAddress,
    int requestsPerSecond,
    int requestBurst,
    Refusal refusal,
    int refusalRetryMs,
    List<String> trustedProxies) {

  /** How a stream over a limit is refused. */
  public enum Refusal {
    /** By status 503, which ends a browser's EventSource for good. */
    UNAVAILABLE,
    /** By status 429, which does so too. */
    TOO_MANY,
    /** By status 200 and a stream that says only when to come back. */
    RETRY
  }

  /** No limits but that of all streams, and no proxies. */
  public static final LimitOptions DEFAULTS =
      new LimitOptions(0, 0, 100, Refusal.UNAVAILABLE, 30_000, List.of());

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds
   */
  public LimitOptions {
    Objects.requireNonNull(refusal, "refusal");
    trustedProxies = List.copyOf(trustedProxies);
    require("maxStreamsPerAddress", maxStreamsPerAddress, maxStreamsPerAddress >= 0, ">= 0");
    require(
        "requestsPerSecond",
        requestsPerSecond,
        requestsPerSecond >= 0 && requestsPerSecond <= 1_000_000,
        "from 0 to 1000000");
    require(
        "requestBurst",
        requestBurst,
        requestBurst > 0 && requestBurst <= 1_000_000,
        "from 1 to 1000000");
    require(
        "refusalRetryMs",
        refusalRetryMs,
        refusalRetryMs > 0 && refusalRetryMs <= 86_400_000,
        "from 1 to 86400000");
    trustedProxies.forEach(Network::parse);
  }

  private static void require(String name, long value, boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
