package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The spans that the OpenTelemetry Java agent makes of requests, as it prints them. */
class TracingAgentIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BATCH = "{\"resourceSpans\"";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  /**
   * A span of the server.
   *
   * @param parent the last two digits of the parent's id, or nothing
   * @param error empty if it is none
   */
  private record Span(String name, String path, int status, String parent, String error) {
    static Span of(JsonNode span) {
      String parent = span.path("parentSpanId").asText();
      boolean ours = span.path("traceId").asText().equals(TRACE) && !parent.isEmpty();
      return new Span(
          span.path("name").asText(),
          attribute(span, "url.path"),
          Integer.parseInt("0" + attribute(span, "http.response.status_code")),
          ours ? parent.substring(parent.length() - 2) : "",
          attribute(span, "error.type"));
    }

    private static String attribute(JsonNode span, String key) {
      for (JsonNode attribute : span.path("attributes")) {
        if (attribute.path("key").asText().equals(key)) {
          return attribute.path("value").elements().next().asText();
        }
      }
      return "";
    }
  }

  private static GatewayProcess start() throws IOException {
    Path agent = Path.of(Objects.requireNonNull(System.getProperty("ssegateway.tracing.agent")));
    assertThat(agent).isRegularFile();
    return GatewayProcess.start(
        GatewayProcess.java(),
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-javaagent:" + agent,
            "-Dotel.traces.exporter=experimental-otlp/stdout",
            "-Dotel.bsp.schedule.delay=50",
            "-Dotel.metrics.exporter=none",
            "-Dotel.logs.exporter=none"),
        Map.of(),
        "--port=0",
        "--drain=0s",
        "--event-loops=1",
        "--max-request=1KiB");
  }

  private static List<Span> spans(GatewayProcess gateway) {
    List<Span> spans = new ArrayList<>();
    for (String line : gateway.output()) {
      int begin = line.indexOf(BATCH);
      if (begin >= 0) {
        try {
          JSON.readTree(line.substring(begin))
              .findValues("spans")
              .forEach(batch -> batch.forEach(span -> spans.add(Span.of(span))));
        } catch (IOException e) {
          throw new UncheckedIOException(line, e);
        }
      }
    }
    return spans;
  }

  /** What a request says of the trace that it is part of. */
  private static String traceparent(String parent) {
    return "00-" + TRACE + "-b7ad6b71692033" + parent + "-01";
  }

  private static String head(String method, String target, String parent) {
    return "%s %s HTTP/1.1\r\nHost: localhost\r\ntraceparent: %s\r\n\r\n"
        .formatted(method, target, traceparent(parent));
  }

  /** Sends in one piece, and reads until a line of the answer begins like this. */
  private static Socket send(GatewayProcess gateway, String requests, String awaited)
      throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
    socket.setSoTimeout((int) LIMIT.toMillis());
    socket.getOutputStream().write(requests.getBytes(StandardCharsets.US_ASCII));
    BufferedReader answer =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    String line = answer.readLine();
    while (line != null && !line.startsWith(awaited)) {
      line = answer.readLine();
    }
    assertThat(line).as("of the answer").isNotNull();
    return socket;
  }

  @Test
  void tellHowARequestWasAnsweredAndWhatItIsAChildOf() throws Exception {
    try (GatewayProcess gateway = start()) {
      Requests.get(gateway.url("/health"), "traceparent", traceparent("01"));
      String send = gateway.url("/api/send");
      Requests.post(send, "{\"data\":\"hello\"}", "traceparent", traceparent("02"));
      Requests.post(send, "no JSON", "traceparent", traceparent("03"));
      Requests.post(send, "x".repeat(2000), "traceparent", traceparent("04"));
      Requests.get(gateway.url("/no/such/page"), "traceparent", traceparent("05"));
      Requests.get(
          gateway.url("/api/stats"),
          "traceparent",
          traceparent("06"),
          "X-Forwarded-For",
          "192.0.2.7");
      Requests.get(gateway.url("/ready"));
      // one connection, answered in order, which then is a stream
      try (Socket stream =
          send(
              gateway,
              head("HEAD", "/health", "07")
                  + head("GET", "/sse/connect?channel_id=a", "08")
                  + head("GET", "/health", "99"),
              "retry: ")) {
        await()
            .atMost(LIMIT)
            .untilAsserted(
                () ->
                    assertThat(spans(gateway))
                        .containsExactly(
                            new Span("GET", "/health", 200, "01", ""),
                            new Span("POST", "/api/send", 200, "02", ""),
                            new Span("POST", "/api/send", 400, "03", ""),
                            new Span("POST", "/api/send", 413, "04", ""),
                            new Span("GET", "/no/such/page", 404, "05", ""),
                            new Span("GET", "/api/stats", 403, "06", ""),
                            new Span("GET", "/ready", 200, "", ""),
                            new Span("HEAD", "/health", 200, "07", ""),
                            new Span("GET", "/sse/connect", 200, "08", "")));
        assertThat(stream.isClosed()).isFalse();
      }
    }
  }

  /** And none of them is left to be ended by something else. */
  @Test
  void areNoneForStreamsOnBareSockets() throws Exception {
    try (GatewayProcess gateway = start()) {
      String stream = head("GET", "/sse/connect?channel_id=a", "01");
      try (Socket one = send(gateway, stream, "retry: ");
          Socket other = send(gateway, stream, "retry: ");
          Socket twoRequests = send(gateway, stream + stream, "retry: ")) {
        assertThat(List.of(one, other, twoRequests)).noneMatch(Socket::isClosed);
      }
      Requests.get(gateway.url("/health"), "traceparent", traceparent("02"));
      gateway.terminate();

      assertThat(gateway.exitCode()).isZero();
      assertThat(spans(gateway))
          .as("of the connection that began with two requests, and of /health")
          .contains(
              new Span("GET", "/sse/connect", 200, "01", ""),
              new Span("GET", "/health", 200, "02", ""))
          .hasSize(2);
    }
  }
}
