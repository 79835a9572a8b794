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
import java.util.Map;

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
    StreamRequest request = StreamRequest.of(exchange.uri(), exchange.headers(), engine, options);
    exchange.takeOver(() -> start(exchange, request));
  }

  private void start(HttpExchange exchange, StreamRequest request) {
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
    outlet.cork(Responses.streamHead(channel.alloc(), exchange.cors(), exchange.headers()));
    Connection connection;
    try {
      connection = request.connect(lane, outlet);
    } catch (RuntimeException e) {
      outlet.drop();
      channel.close();
      throw e;
    }
    handler.opened(connection);
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
