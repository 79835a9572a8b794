package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.ssegateway.engine.Connection;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.Outlet;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for by {@code GET /sse/connect}. Immutable.
 *
 * @param channels at least one; may hold duplicates
 * @param lastEventId the id after which to go on, or null to begin now
 * @param eventHeartbeat whether heartbeats shall be events
 */
record StreamRequest(List<String> channels, @Nullable String lastEventId, boolean eventHeartbeat) {

  static final String PATH = "/sse/connect";

  /**
   * Reads a request and checks it against the limits.
   *
   * @throws HttpProblem if it is refused
   */
  static StreamRequest of(
      QueryStringDecoder uri, HttpHeaders headers, Engine engine, GatewayOptions options) {
    List<String> channels = channels(uri, options);
    requireRunning(engine);
    return new StreamRequest(
        channels,
        lastEventId(uri, headers),
        "event".equals(RequestTarget.first(uri.parameters(), "heartbeat")));
  }

  /**
   * Makes sure that streams may begin.
   *
   * @throws HttpProblem if the gateway drains
   */
  static void requireRunning(Engine engine) {
    if (!engine.isRunning()) {
      throw HttpProblem.retryLater(503, "the gateway is draining: connect to another").closing();
    }
  }

  private static List<String> channels(QueryStringDecoder uri, GatewayOptions options) {
    List<String> channels = uri.parameters().getOrDefault("channel_id", List.of());
    if (channels.isEmpty()) {
      throw HttpProblem.badRequest(
          "channel_id: missing (expected: /sse/connect?channel_id=NAME, once for each channel)");
    }
    if (channels.size() > options.maxChannelsPerConnection()) {
      throw HttpProblem.badRequest(
              "channel_id: "
                  + channels.size()
                  + " channels (expected: at most "
                  + options.maxChannelsPerConnection()
                  + ")")
          .counted(TransportCounter.REFUSED_CHANNELS);
    }
    try {
      channels.forEach(Message::requireChannel);
    } catch (IllegalArgumentException e) {
      throw HttpProblem.badRequest(String.valueOf(e.getMessage()))
          .counted(TransportCounter.REFUSED_NAMES);
    }
    return channels;
  }

  /** The header wins: the URL stays as it was when a browser comes back by itself. */
  private static @Nullable String lastEventId(QueryStringDecoder uri, HttpHeaders headers) {
    String header = headers.get("Last-Event-ID");
    if (header != null && !header.isEmpty()) {
      return header;
    }
    String query = RequestTarget.first(uri.parameters(), "last_event_id");
    return query != null ? query : RequestTarget.first(uri.parameters(), "lastEventId");
  }

  /** Begins the stream on the lane of an event loop, until the grant ends. */
  Connection connect(HttpConnections loop, Grant grant, Outlet outlet) {
    Connection connection = loop.lane.connect(channels, lastEventId, grant.subject(), outlet);
    Instant end = grant.expiresAt();
    if (end != null) {
      loop.ends.add(connection, end);
    }
    if (eventHeartbeat) {
      connection.useEventHeartbeat();
    }
    return connection;
  }
}
