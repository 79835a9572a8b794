package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/**
 * A refusal, answered as {@code application/problem+json} (RFC 9457). The detail says what was
 * wrong, with the value, and what to do.
 */
final class HttpProblem extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final boolean closesConnection;
  private final @Nullable String headerName;
  private final @Nullable String headerValue;

  private HttpProblem(
      int status,
      String detail,
      boolean closesConnection,
      @Nullable String headerName,
      @Nullable String headerValue) {
    super(detail, null, false, false);
    this.status = status;
    this.closesConnection = closesConnection;
    this.headerName = headerName;
    this.headerValue = headerValue;
  }

  static HttpProblem of(int status, String detail) {
    return new HttpProblem(status, detail, false, null, null);
  }

  static HttpProblem badRequest(String detail) {
    return of(400, detail);
  }

  static HttpProblem retryLater(int status, String detail) {
    return new HttpProblem(status, detail, false, "Retry-After", "1");
  }

  static HttpProblem methodNotAllowed(String method, String allow) {
    return new HttpProblem(
        405, "method: " + method + " (expected: " + allow + ")", false, "Allow", allow);
  }

  /** The same, after which the connection is closed: what follows on it cannot be trusted. */
  HttpProblem closing() {
    return new HttpProblem(status, detail(), true, headerName, headerValue);
  }

  int status() {
    return status;
  }

  String title() {
    return HttpResponseStatus.valueOf(status).reasonPhrase();
  }

  String detail() {
    String message = getMessage();
    return message == null ? "" : message;
  }

  boolean closesConnection() {
    return closesConnection;
  }

  @Nullable String headerName() {
    return headerName;
  }

  @Nullable String headerValue() {
    return headerValue;
  }
}
