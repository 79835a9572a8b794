package io.ssegateway.transport.netty;

import java.util.List;
import java.util.Objects;

/**
 * Every option of the HTTP side, once: name, unit, default and bounds. Immutable.
 *
 * @param host address to listen on; loopback unless told otherwise
 * @param port port to listen on; 0 for any free one
 * @param transport what moves the bytes
 * @param eventLoops threads that serve sockets, each a lane of the engine
 * @param maxConnections most open streams; 0 for no bound but the system's
 * @param maxChannelsPerConnection most channels of one stream
 * @param maxPendingBytes bytes that a stream's socket may owe before it falls back to the journal
 * @param sendBufferBytes bytes that the system may hold for a stream's socket (SO_SNDBUF); 0 for
 *     what it thinks right, which grows to megabytes for a client that reads slowly
 * @param maxRequestBytes most bytes of a request's body
 * @param maxHeaderBytes most bytes of a request's line, and of its headers
 * @param headerTimeoutMs time in ms in which a new connection's request has to arrive
 * @param idleTimeoutMs time in ms after which a connection without a request is closed
 * @param userTimeoutMs time in ms after which a peer that acknowledges nothing is held to be dead
 * @param corsOrigins origins that may read and publish from a browser; {@code *} for all
 * @param drainMs time in ms over which streams are ended when the gateway drains
 */
public record GatewayOptions(
    String host,
    int port,
    TransportKind transport,
    int eventLoops,
    int maxConnections,
    int maxChannelsPerConnection,
    int maxPendingBytes,
    int sendBufferBytes,
    int maxRequestBytes,
    int maxHeaderBytes,
    int headerTimeoutMs,
    int idleTimeoutMs,
    int userTimeoutMs,
    List<String> corsOrigins,
    int drainMs) {

  /** The defaults. */
  public static final GatewayOptions DEFAULTS =
      new GatewayOptions(
          "127.0.0.1",
          8080,
          TransportKind.AUTO,
          Math.max(1, Runtime.getRuntime().availableProcessors() - 1),
          0,
          100,
          64 * 1024,
          0,
          2 * 1024 * 1024,
          16 * 1024,
          10_000,
          60_000,
          30_000,
          List.of(),
          5_000);

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds; the text names it and its value
   */
  public GatewayOptions {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(transport, "transport");
    corsOrigins = List.copyOf(corsOrigins);
    require("port", port, port >= 0 && port <= 65535, "from 0 to 65535");
    require("eventLoops", eventLoops, eventLoops > 0 && eventLoops <= 64, "from 1 to 64");
    require("maxConnections", maxConnections, maxConnections >= 0, ">= 0");
    require(
        "maxChannelsPerConnection", maxChannelsPerConnection, maxChannelsPerConnection > 0, "> 0");
    require("maxPendingBytes", maxPendingBytes, maxPendingBytes >= 0, ">= 0");
    require("sendBufferBytes", sendBufferBytes, sendBufferBytes >= 0, ">= 0");
    require("maxRequestBytes", maxRequestBytes, maxRequestBytes > 0, "> 0");
    require(
        "maxHeaderBytes",
        maxHeaderBytes,
        maxHeaderBytes >= 1024 && maxHeaderBytes <= 1 << 20,
        "from 1024 to 1048576");
    require("headerTimeoutMs", headerTimeoutMs, headerTimeoutMs > 0, "> 0");
    require("idleTimeoutMs", idleTimeoutMs, idleTimeoutMs > 0, "> 0");
    require("userTimeoutMs", userTimeoutMs, userTimeoutMs >= 0, ">= 0");
    require("drainMs", drainMs, drainMs >= 0, ">= 0");
    for (String origin : corsOrigins) {
      if (!origin.equals("*") && !origin.matches("[a-z][a-z0-9+.-]*://[^/?#\\s]+")) {
        throw new IllegalArgumentException(
            "corsOrigins: \"" + origin + "\" (expected: * or such as https://app.example.com)");
      }
    }
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
    private String host;
    private int port;
    private TransportKind transport;
    private int eventLoops;
    private int maxConnections;
    private int maxChannelsPerConnection;
    private int maxPendingBytes;
    private int sendBufferBytes;
    private int maxRequestBytes;
    private int maxHeaderBytes;
    private int headerTimeoutMs;
    private int idleTimeoutMs;
    private int userTimeoutMs;
    private List<String> corsOrigins;
    private int drainMs;

    private Builder(GatewayOptions from) {
      host = from.host;
      port = from.port;
      transport = from.transport;
      eventLoops = from.eventLoops;
      maxConnections = from.maxConnections;
      maxChannelsPerConnection = from.maxChannelsPerConnection;
      maxPendingBytes = from.maxPendingBytes;
      sendBufferBytes = from.sendBufferBytes;
      maxRequestBytes = from.maxRequestBytes;
      maxHeaderBytes = from.maxHeaderBytes;
      headerTimeoutMs = from.headerTimeoutMs;
      idleTimeoutMs = from.idleTimeoutMs;
      userTimeoutMs = from.userTimeoutMs;
      corsOrigins = from.corsOrigins;
      drainMs = from.drainMs;
    }

    /** Address to listen on. */
    public Builder host(String address) {
      host = address;
      return this;
    }

    /** Port to listen on; 0 for any free one. */
    public Builder port(int number) {
      port = number;
      return this;
    }

    /** What moves the bytes. */
    public Builder transport(TransportKind kind) {
      transport = kind;
      return this;
    }

    /** Threads that serve sockets. */
    public Builder eventLoops(int threads) {
      eventLoops = threads;
      return this;
    }

    /** Most open streams; 0 for no bound. */
    public Builder maxConnections(int streams) {
      maxConnections = streams;
      return this;
    }

    /** Most channels of one stream. */
    public Builder maxChannelsPerConnection(int channels) {
      maxChannelsPerConnection = channels;
      return this;
    }

    /** Bytes that a stream's socket may owe before it falls back to the journal. */
    public Builder maxPendingBytes(int bytes) {
      maxPendingBytes = bytes;
      return this;
    }

    /** Bytes that the system may hold for a stream's socket; 0 for what it thinks right. */
    public Builder sendBufferBytes(int bytes) {
      sendBufferBytes = bytes;
      return this;
    }

    /** Most bytes of a request's body. */
    public Builder maxRequestBytes(int bytes) {
      maxRequestBytes = bytes;
      return this;
    }

    /** Most bytes of a request's line, and of its headers. */
    public Builder maxHeaderBytes(int bytes) {
      maxHeaderBytes = bytes;
      return this;
    }

    /** Time in ms in which a new connection's request has to arrive. */
    public Builder headerTimeoutMs(int ms) {
      headerTimeoutMs = ms;
      return this;
    }

    /** Time in ms after which a connection without a request is closed. */
    public Builder idleTimeoutMs(int ms) {
      idleTimeoutMs = ms;
      return this;
    }

    /** Time in ms after which a peer that acknowledges nothing is held to be dead; 0 for never. */
    public Builder userTimeoutMs(int ms) {
      userTimeoutMs = ms;
      return this;
    }

    /** Origins that may read and publish from a browser; {@code *} for all. */
    public Builder corsOrigins(List<String> origins) {
      corsOrigins = origins;
      return this;
    }

    /** Time in ms over which streams are ended when the gateway drains. */
    public Builder drainMs(int ms) {
      drainMs = ms;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if an option is out of its bounds
     */
    public GatewayOptions build() {
      return new GatewayOptions(
          host,
          port,
          transport,
          eventLoops,
          maxConnections,
          maxChannelsPerConnection,
          maxPendingBytes,
          sendBufferBytes,
          maxRequestBytes,
          maxHeaderBytes,
          headerTimeoutMs,
          idleTimeoutMs,
          userTimeoutMs,
          corsOrigins,
          drainMs);
    }
  }
}
