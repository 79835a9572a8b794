package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Everything is logged, at every level, and none of it holds a credential. */
class CredentialsInLogsIT extends GatewayCase {
  private final LoggedLines log = new LoggedLines();

  @AfterEach
  void logAsBefore() {
    log.close();
  }

  @Test
  void noCredentialIsInAnyLogLineProblemOrStatistic() throws Exception {
    gateway =
        Gateway.builder()
            .options(GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).build())
            .authenticator(new Doorman())
            .accessLog(allFormats())
            .authOptions(
                AuthOptions.DEFAULTS.withCookie("token").withQueryToken(true).withTimeoutMs(100))
            .endpoint(
                "/broken",
                "GET",
                call -> {
                  throw new IllegalStateException("staged");
                })
            .build();
    gateway.start();
    port = gateway.port();
    List<String> answers = new ArrayList<>();
    String ticket;
    try (RawClient client = RawClient.connect(port)) {
      ticket =
          client
              .send(
                  "POST /api/ticket HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                      + Doorman.READER
                      + "\r\nContent-Length: 0\r\n\r\n")
              .answer()
              .field("ticket");
    }
    for (String token :
        List.of(
            Doorman.READER,
            Doorman.WRITER,
            Doorman.THROWING,
            Doorman.FAILING,
            Doorman.UNWELCOME,
            Doorman.LATER + Doorman.READER,
            "wrong-" + Doorman.MARKER)) {
      String header = "Authorization: Bearer " + token;
      answers.add(ask(StreamClient.request("channel_id=news", header)));
      answers.add(ask(StreamClient.request("channel_id=news", "Cookie: token=" + token)));
      answers.add(ask(StreamClient.request("channel_id=news&access_token=" + token)));
      answers.add(ask(StreamClient.request("channel_id=news&ticket=" + token)));
      answers.add(ask(RawClient.post("{\"data\":\"x\"}", header + "\r\n")));
    }
    String secret = Doorman.READER;
    for (String target :
        List.of(
            "/broken?access_token=" + secret,
            "/api/stats?access_token=" + secret,
            "/nowhere?access_token=" + secret,
            "/sse/connect?channel_id=news&ticket=" + ticket,
            "/sse/connect?channel_id=%zz&access_token=" + secret,
            "/sse/connect?channel_id=a&ticket=" + secret + "%zz",
            "/sse/connect?ticket=" + secret + " with spaces",
            "/sse/connect?ticket=" + secret + "#" + "x".repeat(20_000))) {
      answers.add(ask("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }
    for (String header :
        List.of(
            "Authorization: Basic " + secret,
            "Authorization: " + secret + "\u0001",
            "Authorization : Bearer " + secret,
            "Author\u0001ization: Bearer " + secret,
            "Authorization: Bearer " + secret + "x".repeat(20_000),
            "Cookie: token=" + secret + "\u0000")) {
      answers.add(ask(StreamClient.request("channel_id=news", header)));
    }
    answers.add(
        ask(
            "GET /api/stats HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + Doorman.ADMIN
                + "\r\n\r\n"));
    gateway.close();

    assertThat(log.lines())
        .as("the logger is heard")
        .anyMatch(line -> line.contains("/broken failed"));
    assertThat(log.lines())
        .as("the access log is heard, of ordinary requests and of streams, in both formats")
        .anyMatch(line -> line.contains("\"GET /broken HTTP/1.1\" 500"))
        .anyMatch(line -> line.contains("\"path\":\"/sse/connect\",\"status\":200"));
    assertThat(log.lines())
        .noneMatch(line -> line.contains(Doorman.MARKER) || line.contains(ticket));
    assertThat(answers).hasSizeGreaterThan(40);
    assertThat(answers)
        .noneMatch(answer -> answer.contains(Doorman.MARKER) || answer.contains(ticket));
  }

  private static AccessLog allFormats() {
    List<AccessLog> logs = Stream.of(AccessLogFormat.values()).map(AccessLog::toLogger).toList();
    return entry -> {
      for (AccessLog each : logs) {
        each.write(entry);
      }
    };
  }

  /** The beginning of the answer: of a stream the head, of anything else all of it. */
  private String ask(String request) throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      byte[] bytes = new byte[64 * 1024];
      int n = client.send(request).read(bytes);
      return n < 0 ? "" : new String(bytes, 0, n, java.nio.charset.StandardCharsets.UTF_8);
    }
  }
}
