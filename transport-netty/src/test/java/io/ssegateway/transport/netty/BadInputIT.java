package io.ssegateway.transport.netty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Message;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every request is answered or its connection closed, and nothing bad is published. */
class BadInputIT extends GatewayCase {
  private static final String GOOD = "{\"channel_id\":\"news\",\"data\":\"x\"}";
  private static final String HEAD = "Host: localhost\r\n";

  @AfterEach
  void nothingFailedInside() {
    if (gateway != null) {
      assertThat(count(Counter.CONTAINED_FAILURES)).isZero();
    }
  }

  private HttpAnswer refused(int status, String request) throws IOException {
    HttpAnswer answer = RawClient.exchange(port, request);
    assertProblem(answer, status);
    return answer;
  }

  private static void assertProblem(HttpAnswer answer, int status) {
    assertThat(answer.status()).as(answer.head() + "\n" + answer.body()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.field("type")).isEqualTo("about:blank");
    assertThat(answer.field("status")).isEqualTo(String.valueOf(status));
    assertThat(answer.field("title")).isNotEmpty();
    assertThat(answer.field("detail")).isNotEmpty();
  }

  private String refusedBody(int status, String json) throws IOException {
    return refused(status, RawClient.post(json, "")).field("detail");
  }

  /** Sends bytes that cannot be understood: one answer, if any, and then the end. */
  private void refusedAndClosed(int status, String request) throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      client.send(request.getBytes(ISO_8859_1));
      HttpAnswer answer = client.answer();
      assertProblem(answer, status);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  private void assertNothingPublished() {
    assertThat(count(Counter.PUBLISHED)).isZero();
  }

  @Test
  void malformedJsonIsRefusedWithThePlace() throws Exception {
    start();

    assertThat(refusedBody(400, "{\"data\":\"x\",\n  \"channel_id\": oops}"))
        .contains("line 2, column 17");
    assertThat(refusedBody(400, "")).contains("empty");
    assertThat(refusedBody(400, "{")).contains("malformed JSON");
    assertThat(refusedBody(400, "\"text\"")).contains("not a JSON object");
    assertThat(refusedBody(400, "[" + GOOD + ",7]")).contains("message 1");
    assertThat(refusedBody(400, GOOD + "\n" + GOOD + "\n{\"data\":}")).contains("line 3");
    assertThat(refusedBody(400, "{\"channel_id\":\"a\"}")).contains("no field \\\"data\\\"");
    assertThat(refusedBody(400, "{\"chanel_id\":\"a\",\"data\":1}")).contains("chanel_id");
    assertThat(refusedBody(400, "{\"data\":1,\"data\":2}")).contains("twice");
    assertThat(refusedBody(400, "{\"data\":1,\"retry\":-1}")).contains("retry: -1");
    assertThat(refusedBody(400, "[".repeat(50_000))).isNotEmpty();
    assertNothingPublished();
  }

  @Test
  void channelsTypesAndIdsThatCannotGoOverTheWireAreRefused() throws Exception {
    start();

    for (String bad : List.of("\\r", "\\n", "\\u0000", "a\\nid: 7", "\\ud800")) {
      refusedBody(400, "{\"channel_id\":\"a" + bad + "\",\"data\":1}");
      refusedBody(400, "{\"event_type\":\"a" + bad + "\",\"data\":1}");
      refusedBody(400, "{\"id\":\"a" + bad + "\",\"data\":1}");
    }
    refusedBody(400, "{\"channel_id\":\"\",\"data\":1}");
    refusedBody(400, "{\"channel_id\":\"" + "x".repeat(257) + "\",\"data\":1}");
    refusedBody(400, "{\"event_type\":\"\",\"data\":1}");
    assertNothingPublished();
  }

  @Test
  void aRefusalOfTextThatIsNoUnicodeIsAnsweredToo() throws Exception {
    start();

    refusedBody(400, "{\"\\ud800\":1,\"data\":2}");
    refusedBody(400, "{\"retry\":\"\\ud800\",\"data\":2}");
    // the name is quoted up to the middle of a surrogate pair
    refusedBody(400, "{\"channel_id\":\"" + "x".repeat(31) + "😀".repeat(200) + "\",\"data\":1}");
    refused(400, StreamClient.request("channel_id=" + "x".repeat(31) + "%F0%9F%98%80".repeat(200)));
    assertNothingPublished();
  }

  @Test
  void streamsWithoutAChannelOrWithTooManyAreRefused() throws Exception {
    start(o -> o.maxChannelsPerConnection(3), e -> e);

    for (String query :
        List.of(
            "",
            "channel=a",
            "channel_id=",
            "channel_id=a&channel_id=",
            "channel_id=" + "x".repeat(257),
            "channel_id=a%0Ab",
            "channel_id=a%00",
            "channel_id=a&channel_id=b&channel_id=c&channel_id=d")) {
      assertThat(refused(400, StreamClient.request(query)).field("detail"))
          .as(query)
          .startsWith("channel");
    }
    assertThat(gateway.engine().subscribers().total()).isZero();
  }

  @Test
  void aTargetThatCannotBeDecodedIsRefused() throws Exception {
    start();

    for (String target :
        List.of("/%", "/%zz", "/sse/connect?channel_id=%", "/sse/connect?channel_id=a&b=%f")) {
      refused(400, "GET " + target + " HTTP/1.1\r\n" + HEAD + "\r\n");
    }
  }

  @Test
  void unknownPathsAndMethodsAreRefused() throws Exception {
    start();

    assertThat(refused(404, "GET /nothing HTTP/1.1\r\n" + HEAD + "\r\n").field("detail"))
        .contains("/nothing", "/api/send");
    refused(404, "GET /sse/connect/ HTTP/1.1\r\n" + HEAD + "\r\n");
    for (Map.Entry<String, String> e :
        Map.of(
                "DELETE /api/send", "POST, OPTIONS",
                "GET /api/send", "POST, OPTIONS",
                "BREW /sse/connect?channel_id=a", "GET, OPTIONS",
                "POST /sse/connect?channel_id=a", "GET, OPTIONS",
                "POST /health", "GET, HEAD, OPTIONS")
            .entrySet()) {
      HttpAnswer answer = refused(405, e.getKey() + " HTTP/1.1\r\n" + HEAD + "\r\n");
      assertThat(answer.header("Allow")).isEqualTo(e.getValue());
    }
  }

  @Test
  void aBodyBeyondTheLimitIsRefusedHoweverItsLengthIsTold() throws Exception {
    start(o -> o.maxRequestBytes(1000), e -> e);
    String chunk = "100\r\n" + "x".repeat(256) + "\r\n";

    refusedAndClosed(413, "POST /api/send HTTP/1.1\r\n" + HEAD + "Content-Length: 1001\r\n\r\nxxx");
    refusedAndClosed(
        413,
        "POST /api/send HTTP/1.1\r\n"
            + HEAD
            + "Transfer-Encoding: chunked\r\n\r\n"
            + chunk.repeat(4)
            + "0\r\n\r\n");
    refusedAndClosed(
        413,
        "POST /api/send HTTP/1.1\r\n"
            + HEAD
            + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
    assertThat(RawClient.publish(port, GOOD + " ".repeat(1000 - GOOD.length())).status())
        .isEqualTo(200);
  }

  /** A connection that is closed with bytes unread is reset, and the answer may be lost. */
  @Test
  void aClientThatSendsFarTooMuchStillReadsTheAnswer() throws Exception {
    start(o -> o.maxRequestBytes(1000), e -> e);
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    for (int i = 0; i < 5; i++) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/send"))
                  .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[4 * 1024 * 1024]))
                  .build(),
              HttpResponse.BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(413);
    }
  }

  @Test
  void aPayloadBeyondTheLimitAndTooManyMessagesAreRefused() throws Exception {
    start(o -> o, e -> e.ringSize(16).maxPayloadBytes(100));

    assertThat(refusedBody(413, "{\"data\":\"" + "x".repeat(101) + "\"}")).contains("100");
    assertThat(refusedBody(413, "[" + "{\"data\":1},".repeat(8) + "{\"data\":1}]"))
        .contains("more than 8");
    assertNothingPublished();
  }

  @Test
  void aRequestLineOrHeadersBeyondTheLimitAreRefused() throws Exception {
    start(o -> o.maxHeaderBytes(2000), e -> e);

    refusedAndClosed(414, "GET /" + "x".repeat(3000) + " HTTP/1.1\r\n" + HEAD + "\r\n");
    refusedAndClosed(
        414, "GET /sse/connect?channel_id=" + "x".repeat(3000) + " HTTP/1.1\r\n" + HEAD + "\r\n");
    refusedAndClosed(
        431, "GET /health HTTP/1.1\r\n" + HEAD + "X: " + "x".repeat(3000) + "\r\n\r\n");
    refusedAndClosed(
        431,
        "GET /sse/connect?channel_id=a HTTP/1.1\r\n"
            + IntStream.range(0, 400)
                .mapToObj(i -> "X-" + i + ": y\r\n")
                .collect(Collectors.joining())
            + "\r\n");
  }

  @Test
  void lengthsThatContradictEachOtherAreNoRequest() throws Exception {
    start();
    String post = "POST /api/send HTTP/1.1\r\n" + HEAD;

    refusedAndClosed(
        400, post + "Content-Length: " + GOOD.length() + "\r\nContent-Length: 5\r\n\r\n" + GOOD);
    refusedAndClosed(
        400, post + ("Content-Length: " + GOOD.length() + "\r\n").repeat(2) + "\r\n" + GOOD);
    refusedAndClosed(400, post + "Content-Length: 5, 5\r\n\r\n" + GOOD);
    refusedAndClosed(400, post + "Content-Length: -1\r\n\r\n" + GOOD);
    refusedAndClosed(400, post + "Content-Length: +5\r\n\r\n" + GOOD);
    refusedAndClosed(400, post + "Content-Length: 99999999999999999999\r\n\r\n" + GOOD);
    refusedAndClosed(400, post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + GOOD);
    refusedAndClosed(
        400, post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n" + GOOD + "\r\n0\r\n\r\n");
    assertNothingPublished();
  }

  /** A proxy in front may believe the length and this server the chunks: then one smuggles. */
  @Test
  void aSmuggledRequestIsNotCarriedOut() throws Exception {
    start();
    String smuggled = RawClient.post("{\"channel_id\":\"news\",\"data\":\"smuggled\"}", "");
    List<String> headers =
        List.of(
            "Content-Length: " + (5 + smuggled.length()) + "\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: chunked, identity\r\n",
            "Transfer-Encoding : chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            "Content-Length : 5\r\n",
            "Content-Length: 5\r\n Transfer-Encoding: chunked\r\n");
    for (String header : headers) {
      try (RawClient client = RawClient.connect(port)) {
        client.timeout(2000);
        client.send("POST /api/send HTTP/1.1\r\n" + HEAD + header + "\r\n0\r\n\r\n" + smuggled);
        assertThat(client.answer().status()).as(header).isEqualTo(400);
        assertThat(client.readToEnd()).as(header).isEmpty();
      }
    }
    assertNothingPublished();
  }

  @Test
  void linesThatAreNoneAreRefused() throws Exception {
    start();

    refusedAndClosed(400, "GET /health HTTP/1.1\nHost: localhost\n\n");
    refusedAndClosed(400, "GET /health HTTP/1.1\r\nHost: localhost\n\r\n");
    refusedAndClosed(400, "GET /health HTTP/1.1\r\n Host: localhost\r\n\r\n");
    refusedAndClosed(400, "GET /health HTTP/1.1\r\nHost gateway\r\n\r\n");
    refusedAndClosed(400, "GET /health HTTP/1.1\r\nBad Name: x\r\n\r\n");
    refusedAndClosed(400, "GET /health HTTP/1.1\r\nX: a\u0000b\r\n\r\n");
    refusedAndClosed(400, "GET  HTTP/1.1\r\n" + HEAD + "\r\n");
    refusedAndClosed(400, "GET /health\r\n" + HEAD + "\r\n");
    refusedAndClosed(400, "GET /health HTTP/x\r\n" + HEAD + "\r\n");
  }

  /** Obsolete folding is one value with a space, as RFC 9112 section 5.2 allows. */
  @Test
  void aFoldedHeaderIsOneValue() throws Exception {
    start();

    HttpAnswer answer =
        RawClient.exchange(
            port, "GET /health HTTP/1.1\r\n" + HEAD + "X: a\r\n Content-Length: 5\r\n\r\n");

    assertThat(answer.status()).isEqualTo(200);
  }

  @Test
  void bytesOfAnotherProtocolEndTheConnection() throws Exception {
    start(o -> o.headerTimeoutMs(300), e -> e);
    byte[] clientHello = new byte[220];
    new java.util.Random(7).nextBytes(clientHello);
    byte[] start = {0x16, 0x03, 0x01, 0x00, (byte) 0xd7, 0x01, 0x00, 0x00, (byte) 0xd3, 0x03, 0x03};
    System.arraycopy(start, 0, clientHello, 0, start.length);
    for (byte[] bytes :
        List.of(
            clientHello,
            "SSH-2.0-OpenSSH_9.6\r\n".getBytes(ISO_8859_1),
            new byte[] {0, 0, 0, 0},
            new byte[] {5, 1, 0})) {
      try (RawClient client = RawClient.connect(port)) {
        client.send(bytes);
        assertThat(client.readToEnd()).matches("(?s)|HTTP/1\\.1 4\\d\\d .*");
      }
    }
  }

  @Test
  void aClientThatNeverEndsItsHeadersIsTimedOut() throws Exception {
    start(o -> o.headerTimeoutMs(300), e -> e);
    try (RawClient silent = RawClient.connect(port);
        RawClient slow = RawClient.connect(port);
        RawClient stream = RawClient.connect(port)) {
      stream.send("GET /sse/connect?channel_id=a HTTP/1.1\r\n");
      long begin = System.nanoTime();
      try {
        while (System.nanoTime() - begin < 5_000_000_000L) {
          slow.send("X: y\r\n");
          Thread.sleep(20); // the drip is what is staged here
        }
      } catch (IOException e) {
        // closed, as it has to be
      }
      assertThat(System.nanoTime() - begin).isLessThan(3_000_000_000L);
      for (RawClient client : List.of(silent, stream)) {
        assertProblem(client.answer(), 408);
        assertThat(client.readToEnd()).isEmpty();
      }
    }
  }

  @Test
  void aBodyThatNeverEndsIsTimedOut() throws Exception {
    start(o -> o.headerTimeoutMs(300), e -> e);
    try (RawClient client = RawClient.connect(port)) {
      client.send("POST /api/send HTTP/1.1\r\n" + HEAD + "Content-Length: 100\r\n\r\n{");

      assertProblem(client.answer(), 408);
      assertThat(client.readToEnd()).isEmpty();
    }
    assertNothingPublished();
  }

  @Test
  void aConnectionWithoutARequestIsClosedAfterAWhile() throws Exception {
    start(o -> o.idleTimeoutMs(300), e -> e);
    try (RawClient client = RawClient.connect(port)) {
      client.send("GET /health HTTP/1.1\r\n" + HEAD + "\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void whatStandsBehindABadRequestIsNotPublished() throws Exception {
    start();
    try (RawClient client = RawClient.connect(port)) {
      client.send(
          RawClient.post(GOOD, "") + "GARBAGE\r\n\r\n" + RawClient.post(GOOD, "").repeat(3));

      assertThat(client.answer().status()).isEqualTo(200);
      assertProblem(client.answer(), 400);
      assertThat(client.readToEnd()).isEmpty();
    }
    assertThat(count(Counter.PUBLISHED)).isEqualTo(1);
  }

  @Test
  void aRequestThatIsCutOffIsNotPublished() throws Exception {
    start();
    String request = RawClient.post(GOOD, "");
    for (int length = 1; length < request.length(); length += 7) {
      try (RawClient client = RawClient.connect(port)) {
        client.send(request.substring(0, length));
        client.shutdownOutput();
        client.readToEnd();
      }
    }
    assertThat(RawClient.publish(port, GOOD).status()).isEqualTo(200);
    assertThat(count(Counter.PUBLISHED)).isEqualTo(1);
  }

  @Test
  void aStreamBesideAllThisLosesNothing() throws Exception {
    start(o -> o.maxRequestBytes(1000).headerTimeoutMs(300), e -> e);
    try (StreamClient stream = StreamClient.listen(port, "channel_id=news")) {
      for (int i = 0; i < 200; i++) {
        try (RawClient client = RawClient.connect(port)) {
          client.send(
              switch (i % 4) {
                case 0 -> "garbage\r\n\r\n";
                case 1 -> "POST /api/send HTTP/1.1\r\nContent-Length: 100000\r\n\r\n";
                case 2 -> StreamClient.request("");
                default -> "GET /%zz HTTP/1.1\r\n\r\n";
              });
          client.answer();
        }
        gateway.publisher().publishOrWait(Message.of("news", "event " + i), null);
      }

      assertThat(stream.nextData(200))
          .isEqualTo(IntStream.range(0, 200).mapToObj(i -> "event " + i).toList());
    }
  }
}
