package io.ssegateway.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.ssegateway.engine.Connection;
import io.ssegateway.engine.Engine;
import io.ssegateway.transport.netty.CompressionOptions.Coding;
import java.util.Map;

/** {@code GET /sse/connect}: turns what the request came by into a stream. */
final class SseEndpoint implements Endpoint {
  private final Engine engine;
  private final GatewayOptions options;
  private final CompressionOptions compression;
  private final Access access;
  private final Map<EventLoop, HttpConnections> loops;
  private final Admission admission;

  SseEndpoint(
      Engine engine,
      GatewayOptions options,
      CompressionOptions compression,
      Access access,
      Map<EventLoop, HttpConnections> loops,
      Admission admission) {
    this.admission = admission;
    this.engine = engine;
    this.options = options;
    this.compression = compression;
    this.access = access;
    this.loops = loops;
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
    if (access.isOpen()) {
      enter(exchange, request, place, Grant.NOTHING);
      return;
    }
    Waiting waiting = new Waiting(exchange, request, place);
    AuthenticationRequest credentials;
    try {
      credentials = exchange.authenticationRequest(request.channels(), access.options());
    } catch (HttpProblem problem) {
      place.release();
      throw problem;
    }
    access.admit(credentials, exchange.channel().eventLoop(), waiting);
    if (!waiting.decided) {
      exchange.waitForDecision();
    }
  }

  private void enter(
      HttpExchange exchange, StreamRequest request, Admission.Place place, Grant grant) {
    exchange.channel().closeFuture().addListener(closed -> place.release());
    exchange.takeOver(() -> start(exchange, request, grant));
  }

  private void refuse(HttpExchange exchange, HttpProblem full) {
    byte[] stream = admission.streamInstead(full);
    if (stream == null) {
      throw full;
    }
    admission.count(full);
    exchange.closeAfter = true;
    exchange.respond(200, "text/event-stream", stream);
  }

  /** A request for a stream while it is not known what the caller may do. */
  private final class Waiting implements Access.Decision {
    private final HttpExchange exchange;
    private final StreamRequest request;
    private final Admission.Place place;
    private boolean decided;

    Waiting(HttpExchange exchange, StreamRequest request, Admission.Place place) {
      this.place = place;
      this.exchange = exchange;
      this.request = request;
    }

    @Override
    public void admitted(Grant grant) {
      decided = true;
      if (engine.isRunning() && exchange.channel().isActive()) {
        exchange.proceed(() -> enterAs(grant));
      } else {
        place.release();
        exchange.proceed(() -> StreamRequest.requireRunning(engine));
      }
    }

    private void enterAs(Grant grant) {
      exchange.identifiedAs(grant);
      try {
        place.requireSubject(grant.subject());
      } catch (HttpProblem full) {
        place.release();
        refuse(exchange, full);
        return;
      }
      enter(exchange, request, place, grant);
    }

    @Override
    public void refused(HttpProblem problem) {
      decided = true;
      place.release();
      exchange.proceed(
          () -> {
            throw problem;
          });
    }
  }

  private void start(HttpExchange exchange, StreamRequest request, Grant grant) {
    Channel channel = exchange.channel();
    HttpConnections loop = loops.get(channel.eventLoop());
    if (loop == null || !channel.isActive()) {
      exchange.abandoned();
      channel.close();
      return;
    }
    Coding coding =
        AcceptEncoding.choose(exchange.headers().getAll("Accept-Encoding"), compression.codings());
    boolean negotiable = !compression.codings().isEmpty();
    StreamOutlet outlet =
        exchange.openStream(
            Responses.streamHead(exchange.cors(), exchange.headers(), negotiable, coding));
    outlet.compress(loop.encoder(coding));
    Connection connection;
    try {
      connection = request.connect(loop, grant, outlet);
    } catch (RuntimeException e) {
      outlet.abandon();
      throw e;
    }
    outlet.opened(connection);
  }
}
