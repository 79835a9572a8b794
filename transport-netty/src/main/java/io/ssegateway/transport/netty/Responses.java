package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes responses. Stateless and thread-safe. */
final class Responses {
  static final String JSON = "application/json";

  private static final int NOT_MODIFIED = 304;

  private static final byte[] NOTHING = {};

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);

  private static volatile DateLine dateLine = new DateLine(0, "");

  private record DateLine(long second, String text) {}

  private Responses() {}

  private static String date() {
    long second = System.currentTimeMillis() / 1000;
    DateLine line = dateLine;
    if (line.second != second) {
      line = new DateLine(second, DATE.format(Instant.ofEpochSecond(second)));
      dateLine = line;
    }
    return line.text;
  }

  private static ResponseHead head(int status) {
    return new ResponseHead(status).add("Date", date());
  }

  static Response of(
      int status,
      String contentType,
      Map<String, String> fields,
      byte[] content,
      @Nullable HttpExchange exchange) {
    ResponseHead head = head(status);
    if (status != NOT_MODIFIED) { // which has no content to tell of
      head.add("Content-Type", contentType).add("Content-Length", Integer.toString(content.length));
    }
    if (fields.keySet().stream().noneMatch("Cache-Control"::equalsIgnoreCase)) {
      head.add("Cache-Control", "no-store");
    }
    head.add("X-Content-Type-Options", "nosniff");
    fields.forEach(head::add);
    if (exchange != null) {
      exchange.cors().allow(exchange.headers(), head);
    }
    boolean headOnly = exchange != null && exchange.method().equals(HttpMethod.HEAD);
    return new Response(head, headOnly ? NOTHING : content);
  }

  static Response of(HttpProblem problem, @Nullable HttpExchange exchange) {
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
    return of(problem.status(), "application/problem+json", problem.fields(), content, exchange);
  }

  /** A problem of a request that has no exchange. */
  static Response refusal(HttpProblem problem, Cors cors, HttpHeaders request) {
    Response response = of(problem, null);
    cors.allow(request, response.head());
    return response;
  }

  /** A stream that ends with its first bytes. */
  static Response endingStream(byte[] content, Cors cors, HttpHeaders request) {
    Response response = of(200, "text/event-stream", Map.of(), content, null);
    cors.allow(request, response.head());
    return response;
  }

  /** An answer without a body to a preflight, or another OPTIONS, request. */
  static Response options(HttpExchange exchange, String methods) {
    ResponseHead head = head(204).add("Allow", methods);
    exchange.cors().allowPreflight(exchange.headers(), methods, head);
    return new Response(head, NOTHING);
  }

  /** The head of a stream. Proxies are asked neither to buffer nor to transform it. */
  static ResponseHead streamHead(Cors cors, HttpHeaders request) {
    return streamHead(cors, request, false, null);
  }

  /**
   * The head of a stream that may be compressed.
   *
   * @param negotiable whether another client would have got another coding
   * @param coding the stream's, or null
   */
  static ResponseHead streamHead(
      Cors cors,
      HttpHeaders request,
      boolean negotiable,
      CompressionOptions.@Nullable Coding coding) {
    ResponseHead head =
        head(200)
            .add("Content-Type", "text/event-stream")
            .add("Cache-Control", "no-cache, no-transform")
            .add("X-Accel-Buffering", "no");
    if (coding != null) {
      head.add("Content-Encoding", coding.token());
    }
    if (negotiable) {
      head.add("Vary", "Accept-Encoding");
    }
    cors.allow(request, head);
    return head;
  }
}
