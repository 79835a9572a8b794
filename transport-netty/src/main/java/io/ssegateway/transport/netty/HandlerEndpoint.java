package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBufUtil;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A program's own {@link HttpHandler} as an endpoint. */
final class HandlerEndpoint implements Endpoint {
  private final String methods;
  private final @Nullable Role role;
  private final HttpHandler handler;
  private final Access access;

  /**
   * Makes the endpoint.
   *
   * @param role which callers must have; null for none
   */
  HandlerEndpoint(String methods, @Nullable Role role, HttpHandler handler, Access access) {
    this.methods = methods;
    this.role = role;
    this.handler = handler;
    this.access = access;
  }

  @Override
  public String methods() {
    return methods;
  }

  @Override
  public void handle(HttpExchange exchange) {
    Call call = new Call(exchange, access);
    if (role == null) {
      handler.handle(call);
    } else {
      call.require(role, () -> handler.handle(call));
    }
  }

  private static final class Call implements HttpCall {
    private final HttpExchange exchange;
    private final Access access;
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile Grant grant = Grant.NOTHING;

    Call(HttpExchange exchange, Access access) {
      this.exchange = exchange;
      this.access = access;
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
    public void require(Role required, Runnable then) {
      access.require(
          required,
          exchange,
          granted -> {
            grant = granted;
            then.run();
          });
    }

    @Override
    public void requireLoopback(String detail, Runnable then) {
      Access.requireLoopback(exchange, detail);
      then.run();
    }

    @Override
    public Grant grant() {
      return grant;
    }

    @Override
    public void respond(
        int status, String contentType, Map<String, String> headers, byte[] content) {
      requireStatus(status, 200);
      Map<String, String> fields = new LinkedHashMap<>(headers);
      fields.forEach(ResponseHead::requireField);
      answer(() -> exchange.respond(status, contentType, fields, content));
    }

    @Override
    public void refuse(int status, String detail) {
      requireStatus(status, 400);
      HttpProblem problem =
          isForNow(status)
              ? HttpProblem.retryLater(status, detail)
              : HttpProblem.of(status, detail);
      answer(() -> exchange.respond(problem));
    }

    private static boolean isForNow(int status) {
      return status == 429 || status == 503 || status == 507;
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
