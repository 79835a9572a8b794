package io.ssegateway.transport.netty;

/**
 * What HTTP/2 connections may do. Immutable.
 *
 * @param maxStreams most requests and streams at a time of one connection
 * @param pingIntervalMs time in ms without a sign of the peer after which it is asked for one
 * @param pingTimeoutMs time in ms after which a peer that was asked and is silent is held to be
 *     dead
 * @param maxControlFrames most PING and SETTINGS frames of one connection within 10 s
 */
public record Http2Options(
    int maxStreams, int pingIntervalMs, int pingTimeoutMs, int maxControlFrames) {

  /** The defaults. */
  public static final Http2Options DEFAULTS = new Http2Options(128, 20_000, 20_000, 1_000);

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds
   */
  public Http2Options {
    require("maxStreams", maxStreams);
    require("pingIntervalMs", pingIntervalMs);
    require("pingTimeoutMs", pingTimeoutMs);
    require("maxControlFrames", maxControlFrames);
  }

  private static void require(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
    }
  }
}
