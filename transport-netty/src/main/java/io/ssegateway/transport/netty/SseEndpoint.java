package io.ssegateway.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.ssegateway.engine.Connection;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Lane;
import java.util.Map;

/** {@code GET /sse/connect}: turns what the request came by into a stream. */
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
    StreamOutlet outlet =
        exchange.openStream(Responses.streamHead(exchange.cors(), exchange.headers()));
    Connection connection;
    try {
      connection = request.connect(lane, outlet);
    } catch (RuntimeException e) {
      outlet.abandon();
      throw e;
    }
    outlet.opened(connection);
  }
}
