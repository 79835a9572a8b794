package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** Writes whole HTTP/1.1 responses into buffers. Stateless and thread-safe. */
final class Responses {
  static final String JSON = "application/json";

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);

  private static volatile DateLine dateLine = new DateLine(0, "");

  private record DateLine(long second, String text) {}

  private Responses() {}

  private static String date() {
    long second = System.currentTimeMillis() / 1000;
    DateLine line = dateLine;
    if (line.second != second) {
      line = new DateLine(second, "Date: " + DATE.format(Instant.ofEpochSecond(second)) + "\r\n");
      dateLine = line;
    }
    return line.text;
  }

  private static String statusLine(int status) {
    return "HTTP/1.1 " + status + ' ' + HttpResponseStatus.valueOf(status).reasonPhrase() + "\r\n";
  }

  static ByteBuf of(
      ByteBufAllocator allocator,
      int status,
      String contentType,
      byte[] content,
      boolean close,
      @Nullable HttpExchange exchange) {
    return of(allocator, status, contentType, content, close, "", exchange);
  }

  /**
   * A header as it stands in a response.
   *
   * @throws IllegalArgumentException if it would be more, or other, than one header
   */
  static String headerLine(String name, String value) {
    if (!name.matches("[A-Za-z0-9-]+")) {
      throw new IllegalArgumentException(
          "header: \"" + name + "\" (expected: letters, digits and dashes)");
    }
    if (!value.chars().allMatch(c -> (c >= ' ' && c < 127) || c == '\t')) {
      throw new IllegalArgumentException(
          "header " + name + ": its value has characters that are not printable ASCII");
    }
    return name + ": " + value + "\r\n";
  }

  static ByteBuf of(
      ByteBufAllocator allocator,
      HttpProblem problem,
      boolean close,
      @Nullable HttpExchange exchange) {
    byte[] content =
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("type", "about:blank");
              json.writeStringField("title", problem.title());
              json.writeNumberField("status", problem.status());
              json.writeStringField("detail", problem.detail());
              json.writeEndObject();
            });
    return of(
        allocator,
        problem.status(),
        "application/problem+json",
        content,
        close,
        problem.headerLines(),
        exchange);
  }

  static ByteBuf of(
      ByteBufAllocator allocator,
      int status,
      String contentType,
      byte[] content,
      boolean close,
      String headerLines,
      @Nullable HttpExchange exchange) {
    String head =
        statusLine(status)
            + date()
            + "Content-Type: "
            + contentType
            + "\r\nContent-Length: "
            + content.length
            + "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
            + headerLines
            + (exchange == null ? "" : exchange.cors().responseHeaders(exchange.headers()))
            + (close ? "Connection: close\r\n\r\n" : "\r\n");
    ByteBuf buffer = allocator.directBuffer(head.length() + content.length);
    buffer.writeCharSequence(head, StandardCharsets.ISO_8859_1);
    boolean headOnly = exchange != null && exchange.method().equals(HttpMethod.HEAD);
    if (!headOnly) {
      buffer.writeBytes(content);
    }
    return buffer;
  }

  /** An answer without a body to a preflight, or another OPTIONS, request. */
  static ByteBuf options(HttpExchange exchange, String methods) {
    String head =
        statusLine(204)
            + date()
            + "Allow: "
            + methods
            + "\r\n"
            + exchange.cors().preflightHeaders(exchange.headers(), methods)
            + (exchange.isKeepAlive() ? "\r\n" : "Connection: close\r\n\r\n");
    return ascii(exchange.channel().alloc(), head);
  }

  /**
   * The head of a stream. The stream ends with the connection, so that no chunk has to be framed;
   * proxies are asked neither to buffer nor to transform it.
   */
  static ByteBuf streamHead(ByteBufAllocator allocator, Cors cors, HttpHeaders request) {
    String head =
        statusLine(200)
            + date()
            + "Content-Type: text/event-stream\r\n"
            + "Cache-Control: no-cache, no-transform\r\n"
            + "X-Accel-Buffering: no\r\n"
            + "Connection: close\r\n"
            + cors.responseHeaders(request)
            + "\r\n";
    return ascii(allocator, head);
  }

  private static ByteBuf ascii(ByteBufAllocator allocator, String head) {
    ByteBuf buffer = allocator.directBuffer(head.length() + 128);
    buffer.writeCharSequence(head, StandardCharsets.ISO_8859_1);
    return buffer;
  }
}
