package io.ssegateway.transport.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.Counter;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code POST /api/send}, and how HTTP connections are kept. */
class PublishIT extends GatewayCase {
  private static final String ONE = "{\"channel_id\":\"a\",\"data\":1}";
  private static final String TWO = "{\"channel_id\":\"b\",\"data\":\"2\"}";
  private static final String THREE = "{\"channel_id\":\"nobody\",\"data\":3}";
  private static final String HELLO = "{\"channel_id\":\"news\",\"data\":\"hello\"}";

  @Test
  void anObjectIsAnsweredWithTheCountOfItsChannelAndItsId() throws Exception {
    start();
    try (StreamClient one = StreamClient.listen(port, "channel_id=news");
        StreamClient two = StreamClient.listen(port, "channel_id=news&channel_id=sport");
        StreamClient other = StreamClient.listen(port, "channel_id=other")) {
      HttpAnswer answer =
          RawClient.publish(
              port,
              "{\"channel_id\":\"news\",\"event_type\":\"tick\",\"data\":{\"a\": [1, 2.50]},"
                  + "\"id\":\"mine\",\"retry\":5000}");

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      SseBlock event = one.nextEvent();
      assertThat(event.type()).isEqualTo("tick");
      assertThat(event.data()).isEqualTo("{\"a\":[1,2.50]}");
      assertThat(event.retryMs()).isEqualTo(5000);
      assertThat(event.comments()).containsExactly("publisher-id=mine");
      assertThat(answer.body())
          .isEqualTo("{\"success\":true,\"sent_count\":2,\"id\":\"" + event.id() + "\"}");
      assertThat(two.nextEvent()).isEqualTo(event);

      HttpAnswer broadcast = RawClient.publish(port, "{\"data\":null}");
      assertThat(broadcast.field("sent_count")).isEqualTo("3");
      assertThat(other.nextEvent().data()).isEqualTo("null");
    }
  }

  @Test
  void theIdOfTheAnswerIsACursor() throws Exception {
    start();
    String id = publish("news", "before the page was rendered");
    publish("news", "after");

    try (StreamClient stream = StreamClient.open(port, "channel_id=news&last_event_id=" + id)) {
      assertThat(stream.nextEvent().data()).isEqualTo("after");
    }
  }

  @Test
  void arraysAndLinesArePublishedInTheirOrderAndAnsweredOneByOne() throws Exception {
    start();
    try (StreamClient stream = StreamClient.listen(port, "channel_id=a&channel_id=b")) {
      for (String body :
          List.of(
              "[" + String.join(",", ONE, TWO, THREE) + "]",
              String.join("\n", ONE, TWO + "\r", THREE, ""))) {
        HttpAnswer answer = RawClient.publish(port, body);

        assertThat(answer.status()).isEqualTo(200);
        SseBlock first = stream.nextEvent();
        SseBlock second = stream.nextEvent();
        assertThat(first.data()).isEqualTo("1");
        assertThat(second.data()).isEqualTo("2");
        assertThat(answer.body())
            .isEqualTo(
                "{\"success\":true,\"messages\":[{\"sent_count\":1,\"id\":\""
                    + first.id()
                    + "\"},{\"sent_count\":1,\"id\":\""
                    + second.id()
                    + "\"},{\"sent_count\":0,\"id\":\""
                    + gateway.engine().eventId(second.position() + 1)
                    + "\"}]}");
      }
    }
    assertThat(RawClient.publish(port, "[]").body())
        .isEqualTo("{\"success\":true,\"messages\":[]}");
  }

  @Test
  void oneBadMessageRefusesThemAll() throws Exception {
    start();

    assertThat(RawClient.publish(port, "[" + HELLO + ",{\"data\":1,\"id\":\"\\n\"}]").status())
        .isEqualTo(400);
    assertThat(count(Counter.PUBLISHED)).isZero();
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrder() throws Exception {
    start();
    int count = 600;
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < count; i++) {
      requests.append(
          i % 3 == 0
              ? "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
              : i % 3 == 1
                  ? RawClient.post("{\"channel_id\":\"news\",\"data\":" + i + "}", "")
                  : "GET /nothing/" + i + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    try (StreamClient stream = StreamClient.listen(port, "channel_id=news");
        RawClient client = RawClient.connect(port)) {
      client.send(requests.toString());

      List<String> published = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        HttpAnswer answer = client.answer();
        assertThat(answer.header("Connection")).isNull();
        switch (i % 3) {
          case 0 -> assertThat(answer.body()).isEqualTo("{\"status\":\"ok\"}");
          case 1 -> {
            assertThat(answer.field("id")).isEqualTo(gateway.engine().eventId(i / 3 + 1));
            published.add(String.valueOf(i));
          }
          default -> assertThat(answer.field("detail")).contains("/nothing/" + i + " ");
        }
      }
      assertThat(stream.nextData(published.size())).isEqualTo(published);
    }
  }

  @Test
  void aRequestMayComeByteByByteAndInChunks() throws Exception {
    start();
    try (RawClient client = RawClient.connect(port)) {
      for (byte b : RawClient.post(HELLO, "").getBytes(US_ASCII)) {
        client.send(new byte[] {b});
      }
      assertThat(client.answer().status()).isEqualTo(200);

      client.send("POST /api/send HTTP/1.1\r\nHost: localhost\r\n");
      client.send("Transfer-Encoding: chunked\r\n\r\n5;ext=1\r\n{\"dat\r\n");
      client.send("6\r\na\":\"x\"\r\n1\r\n}\r\n0\r\nTrailer: y\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
    }
    assertThat(count(Counter.PUBLISHED)).isEqualTo(2);
  }

  @Test
  void connectionsAreKeptAsTheVersionAndTheHeaderSay() throws Exception {
    start();
    try (RawClient client = RawClient.connect(port)) {
      client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.answer().header("Connection")).isNull();
      client.send("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      assertThat(client.answer().header("Connection")).isEqualTo("close");
      assertThat(client.readToEnd()).isEmpty();
    }
    try (RawClient client = RawClient.connect(port)) {
      client.send("GET /health HTTP/1.0\r\n\r\n");
      assertThat(client.answer().header("Connection")).isEqualTo("close");
      assertThat(client.readToEnd()).isEmpty();
    }
    try (RawClient client = RawClient.connect(port)) {
      client.send(RawClient.post(HELLO, "").replace("HTTP/1.1", "HTTP/1.0"));
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(client.readToEnd()).isEmpty();
    }
    try (RawClient client = RawClient.connect(port)) {
      client.send(StreamClient.request("channel_id=old").replace("HTTP/1.1", "HTTP/1.0"));
      StreamClient stream = new StreamClient(client);
      stream.next();
      publish("old", "to an old client");
      assertThat(stream.nextEvent().data()).isEqualTo("to an old client");
    }
  }

  /** It would wait for the end that it was not told is not to come. */
  @Test
  void anOldClientIsNotKeptThoughItAsks() throws Exception {
    start();
    try (RawClient client = RawClient.connect(port)) {
      client.send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      HttpAnswer answer = client.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void aClientThatAsksFirstIsToldToGoOn() throws Exception {
    start();
    try (RawClient client = RawClient.connect(port)) {
      String request = RawClient.post(HELLO, "Expect: 100-continue\r\n");
      int body = request.indexOf("\r\n\r\n") + 4;
      client.send(request.substring(0, body));
      assertThat(client.answer().head()).isEqualTo("HTTP/1.1 100 Continue");

      client.send(request.substring(body));

      assertThat(client.answer().status()).isEqualTo(200);
    }
  }

  @Test
  void headIsAnsweredWithoutABody() throws Exception {
    start();
    try (RawClient client = RawClient.connect(port)) {
      client.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      HttpAnswer head = client.answer(false);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Length")).isEqualTo("15");
      client.send("HEAD /sse/connect?channel_id=a HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.answer(false).status()).isEqualTo(405);
      client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.answer().body()).isEqualTo("{\"status\":\"ok\"}");
    }
  }

  @Test
  void healthReadinessAndStatsTellHowItIs() throws Exception {
    start();
    try (StreamClient stream = StreamClient.listen(port, "channel_id=news&channel_id=b")) {
      publish("news", "hello");
      stream.nextEvent();

      assertThat(get("/ready").body()).isEqualTo("{\"status\":\"ready\",\"troubles\":[]}");
      HttpAnswer stats = get("/api/stats");
      assertThat(stats.status()).isEqualTo(200);
      assertThat(stats.field("connection_count")).isEqualTo("1");
      assertThat(stats.body())
          .contains("{\"channel_id\":\"b\",\"connection_count\":1}")
          .contains("\"channels\":[\"news\",\"b\"],\"state\":\"LIVE\"")
          .contains("\"last_event_id\":\"" + gateway.engine().eventId(1) + '"');
      assertThat(get("/api/stats?offset=1&limit=1").body()).contains("\"connections\":[]");
      assertThat(get("/api/stats?limit=many").status()).isEqualTo(400);
    }
  }

  private HttpAnswer get(String target) throws Exception {
    return RawClient.exchange(port, "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  private HttpAnswer post(String headers) throws Exception {
    return RawClient.exchange(port, RawClient.post(HELLO, headers));
  }

  private HttpAnswer preflight(String path, String origin) throws Exception {
    return RawClient.exchange(
        port,
        "OPTIONS "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nOrigin: "
            + origin
            + "\r\nAccess-Control-Request-Method: GET\r\n"
            + "Access-Control-Request-Headers: last-event-id\r\n\r\n");
  }

  @Test
  void aPageOfAForeignOriginMayNotPublish() throws Exception {
    start(o -> o.corsOrigins(List.of("https://app.example.com")), e -> e);

    assertThat(post("Origin: https://evil.example\r\n").status()).isEqualTo(403);
    assertThat(post("Origin: null\r\n").status()).isEqualTo(403);
    assertThat(count(Counter.PUBLISHED)).isZero();
    assertThat(post("Origin: https://app.example.com\r\n").status()).isEqualTo(200);
    assertThat(post("Origin: http://localhost\r\n").status()).isEqualTo(200); // its own page
    assertThat(post("").status()).isEqualTo(200); // no page at all
  }

  @Test
  void aProxyDoesNotMakeStrangersLocal() throws Exception {
    start();

    for (String header : List.of("X-Forwarded-For: 203.0.113.7", "Forwarded: for=203.0.113.7")) {
      assertThat(post(header + "\r\n").status()).isEqualTo(403);
    }
    assertThat(count(Counter.PUBLISHED)).isZero();
  }

  @Test
  void aNameThatWasMadeToLeadHereMayNotPublish() throws Exception {
    start();
    for (String host : List.of("evil.example", "evil.example:" + port, "127.0.0.1.evil.example")) {
      HttpAnswer answer =
          RawClient.exchange(
              port,
              "POST /api/send HTTP/1.1\r\nHost: "
                  + host
                  + "\r\nOrigin: http://"
                  + host
                  + "\r\nContent-Length: 12\r\n\r\n{\"data\":\"x\"}");
      assertThat(answer.status()).as(host).isEqualTo(403);
      assertThat(answer.field("detail")).contains("Host: " + host);
    }
    for (String host : List.of("localhost", "localhost:" + port, "127.0.0.1:" + port, "[::1]")) {
      HttpAnswer answer =
          RawClient.exchange(
              port,
              "POST /api/send HTTP/1.1\r\nHost: "
                  + host
                  + "\r\nContent-Length: 12\r\n\r\n{\"data\":\"x\"}");
      assertThat(answer.status()).as(host).isEqualTo(200);
    }
    assertThat(count(Counter.PUBLISHED)).isEqualTo(4);
  }

  @Test
  void aPreflightAllowsWhatTheListAllows() throws Exception {
    start(o -> o.corsOrigins(List.of("https://app.example.com")), e -> e);

    HttpAnswer allowed = preflight("/sse/connect", "https://app.example.com");
    assertThat(allowed.status()).isEqualTo(204);
    assertThat(allowed.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example.com");
    assertThat(allowed.header("Access-Control-Allow-Methods")).isEqualTo("GET, OPTIONS");
    assertThat(allowed.header("Access-Control-Allow-Headers")).contains("Last-Event-ID");
    HttpAnswer refused = preflight("/sse/connect", "https://evil.example");
    assertThat(refused.status()).isEqualTo(204);
    assertThat(refused.header("Access-Control-Allow-Origin")).isNull();
    assertThat(refused.header("Access-Control-Allow-Headers")).isNull();
    assertThat(refused.header("Allow")).isEqualTo("GET, OPTIONS");
  }

  @Test
  void theStarAllowsEveryOriginToReadButNotToActInTheNameOfThisMachine() throws Exception {
    start(o -> o.corsOrigins(List.of("*")), e -> e);

    HttpAnswer preflight = preflight("/api/send", "https://anywhere.example");
    assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(preflight.header("Access-Control-Allow-Credentials")).isNull();
    assertThat(preflight.header("Access-Control-Allow-Methods")).isEqualTo("POST, OPTIONS");
    HttpAnswer answer = post("Origin: https://anywhere.example\r\n");
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.field("detail")).contains("https://anywhere.example").contains("by its name");
    assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(count(Counter.PUBLISHED)).isZero();
  }

  @Test
  void aPublisherThatEndsItsSideStillGetsItsAnswers() throws Exception {
    start();
    String request = RawClient.post("{\"channel_id\":\"news\",\"data\":\"x\"}", "");
    try (RawClient client = RawClient.connect(port);
        RawClient cut = RawClient.connect(port)) {
      client.send(request + request).shutdownOutput();
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(client.readToEnd()).isEmpty();

      cut.send(request.substring(0, request.length() - 3)).shutdownOutput();
      assertThat(cut.answer().status()).isEqualTo(400);
    }
  }
}
