package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBufUtil;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A program's own {@link HttpHandler} as an endpoint. */
final class HandlerEndpoint implements Endpoint {
  private final String methods;
  private final HttpHandler handler;

  HandlerEndpoint(String methods, HttpHandler handler) {
    this.methods = methods;
    this.handler = handler;
  }

  @Override
  public String methods() {
    return methods;
  }

  @Override
  public void handle(HttpExchange exchange) {
    handler.handle(new Call(exchange));
  }

  private static final class Call implements HttpCall {
    private final HttpExchange exchange;
    private final AtomicBoolean answered = new AtomicBoolean();

    Call(HttpExchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public String method() {
      return exchange.method().name();
    }

    @Override
    public String path() {
      return exchange.path();
    }

    @Override
    public @Nullable String header(String name) {
      return exchange.headers().get(name);
    }

    @Override
    public @Nullable String query(String name) {
      return exchange.firstQuery(name);
    }

    @Override
    public byte[] body() {
      return ByteBufUtil.getBytes(exchange.body());
    }

    @Override
    public boolean isFromLoopback() {
      return exchange.isFromLoopback();
    }

    @Override
    public void respond(int status, String contentType, byte[] content) {
      requireStatus(status, 200);
      answer(() -> exchange.respond(status, contentType, content));
    }

    @Override
    public void refuse(int status, String detail) {
      requireStatus(status, 400);
      HttpProblem problem =
          status == 503 ? HttpProblem.retryLater(status, detail) : HttpProblem.of(status, detail);
      answer(() -> exchange.respond(problem));
    }

    private static void requireStatus(int status, int min) {
      if (status < min || status > 599) {
        throw new IllegalArgumentException(
            "status: " + status + " (expected: from " + min + " to 599)");
      }
    }

    private void answer(Runnable response) {
      if (!answered.compareAndSet(false, true)) {
        return;
      }
      if (exchange.channel().eventLoop().inEventLoop()) {
        response.run();
      } else {
        exchange.channel().eventLoop().execute(response);
      }
    }
  }
}
