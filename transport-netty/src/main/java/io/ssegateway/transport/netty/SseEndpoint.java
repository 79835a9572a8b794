package io.ssegateway.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.ssegateway.engine.Connection;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Lane;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** {@code GET /sse/connect}: turns what the request came by into a stream. */
final class SseEndpoint implements Endpoint {
  private final Engine engine;
  private final GatewayOptions options;
  private final Map<EventLoop, Lane> lanes;
  private final Admission admission;

  SseEndpoint(
      Engine engine, GatewayOptions options, Map<EventLoop, Lane> lanes, Admission admission) {
    this.admission = admission;
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
    Admission.Place place;
    try {
      place = admission.require(exchange.client());
    } catch (HttpProblem full) {
      refuse(exchange, full);
      return;
    }
    exchange.channel().closeFuture().addListener(closed -> place.release());
    exchange.takeOver(() -> start(exchange, request));
  }

  /** A browser's EventSource comes back after a stream that ended, but never after an error. */
  private void refuse(HttpExchange exchange, HttpProblem full) {
    if (admission.refusal() != LimitOptions.Refusal.RETRY) {
      throw full;
    }
    int retryMs = admission.refusalRetryMs();
    int jittered = ThreadLocalRandom.current().nextInt(retryMs / 2, retryMs + retryMs / 2 + 1);
    exchange.closeAfter = true;
    exchange.respond(
        200,
        "text/event-stream",
        ("retry: " + jittered + "\n\n").getBytes(StandardCharsets.US_ASCII));
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
