package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A refusal, answered as {@code application/problem+json} (RFC 9457). The detail says what was
 * wrong, with the value, and what to do.
 */
final class HttpProblem extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final boolean closesConnection;
  private final transient Map<String, String> fields;
  private final @Nullable TransportCounter counter;

  private HttpProblem(
      int status,
      String detail,
      boolean closesConnection,
      Map<String, String> fields,
      @Nullable TransportCounter counter) {
    super(detail, null, false, false);
    this.status = status;
    this.closesConnection = closesConnection;
    this.fields = fields;
    this.counter = counter;
  }

  static HttpProblem of(int status, String detail) {
    return new HttpProblem(status, detail, false, Map.of(), null);
  }

  static HttpProblem badRequest(String detail) {
    return of(400, detail);
  }

  /** 401 for a credential that is bad. */
  static HttpProblem unauthorized(String detail) {
    return of(401, detail).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"");
  }

  /** 401 for a request without a credential. */
  static HttpProblem credentialMissing(String detail) {
    return of(401, detail).withHeader("WWW-Authenticate", "Bearer");
  }

  static HttpProblem retryLater(int status, String detail) {
    return of(status, detail).withHeader("Retry-After", "1");
  }

  static HttpProblem methodNotAllowed(String method, String allow) {
    return of(405, "method: " + method + " (expected: " + allow + ")").withHeader("Allow", allow);
  }

  /** The same, after which the connection is closed: what follows on it cannot be trusted. */
  HttpProblem closing() {
    return new HttpProblem(status, detail(), true, fields, counter);
  }

  /** The same, answered with one header more. */
  HttpProblem withHeader(String name, String value) {
    ResponseHead.requireField(name, value);
    Map<String, String> more = new LinkedHashMap<>(fields);
    more.put(name, value);
    return new HttpProblem(status, detail(), closesConnection, more, counter);
  }

  /** The same, counted when it is answered. */
  HttpProblem counted(TransportCounter by) {
    return new HttpProblem(status, detail(), closesConnection, fields, by);
  }

  /** Where it is counted when it is answered, or null. */
  @Nullable TransportCounter counter() {
    return counter;
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

  /** Further headers. */
  Map<String, String> fields() {
    return fields;
  }
}
