package io.ssegateway.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.ssegateway.engine.Connection;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Lane;
import io.ssegateway.engine.Message;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code GET /sse/connect}: turns an HTTP connection into a stream. */
final class SseEndpoint implements Endpoint {
  private final Engine engine;
  private final GatewayOptions options;
  private final Map<EventLoop, Lane> lanes;

  SseEndpoint(Engine engine, GatewayOptions options, Map<EventLoop, Lane> lanes) {
    this.engine = engine;
    this.options = options;
    this.lanes = lanes;
  }

  @Override
  public String methods() {
    return "GET";
  }

  @Override
  public void handle(HttpExchange exchange) {
    List<String> channels = channels(exchange);
    if (!engine.isRunning()) {
      throw HttpProblem.retryLater(503, "the gateway is draining: connect to another").closing();
    }
    int open = engine.subscribers().total();
    if (options.maxConnections() > 0 && open >= options.maxConnections()) {
      throw HttpProblem.retryLater(
              503, "streams: " + open + " are open (expected: below the limit of them)")
          .closing();
    }
    String lastEventId = lastEventId(exchange);
    boolean eventHeartbeat = "event".equals(exchange.firstQuery("heartbeat"));
    exchange.takeOver(() -> start(exchange, channels, lastEventId, eventHeartbeat));
  }

  private List<String> channels(HttpExchange exchange) {
    List<String> channels = exchange.query("channel_id");
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
              + ")");
    }
    try {
      channels.forEach(Message::requireChannel);
    } catch (IllegalArgumentException e) {
      throw HttpProblem.badRequest(String.valueOf(e.getMessage()));
    }
    return channels;
  }

  /** The header wins: the URL stays as it was when a browser comes back by itself. */
  private static @Nullable String lastEventId(HttpExchange exchange) {
    String header = exchange.headers().get("Last-Event-ID");
    if (header != null && !header.isEmpty()) {
      return header;
    }
    String query = exchange.firstQuery("last_event_id");
    return query != null ? query : exchange.firstQuery("lastEventId");
  }

  private void start(
      HttpExchange exchange,
      List<String> channels,
      @Nullable String lastEventId,
      boolean eventHeartbeat) {
    Channel channel = exchange.channel();
    Lane lane = lanes.get(channel.eventLoop());
    if (lane == null || !channel.isActive()) {
      channel.close();
      return;
    }
    SseHandler handler = new SseHandler();
    stripPipeline(channel.pipeline(), handler);
    ChannelOutlet outlet =
        channel instanceof EpollSocketChannel epoll
            ? new EpollOutlet(epoll, options.maxPendingBytes())
            : new ChannelOutlet(channel, options.maxPendingBytes());
    outlet.cork(Responses.streamHead(exchange));
    Connection connection;
    try {
      connection = lane.connect(channels, lastEventId, outlet);
    } catch (RuntimeException e) {
      outlet.drop();
      channel.close();
      throw e;
    }
    handler.opened(connection);
    if (eventHeartbeat) {
      connection.useEventHeartbeat();
    }
    outlet.uncork(connection);
    channel.config().setAutoRead(true);
  }

  /** A stream needs nothing of HTTP any more, and there may be very many of them. */
  private static void stripPipeline(ChannelPipeline pipeline, ChannelHandler handler) {
    pipeline.addLast(handler);
    pipeline.remove(HttpConnectionHandler.class);
    pipeline.remove(HttpRequestDecoder.class);
  }
}
