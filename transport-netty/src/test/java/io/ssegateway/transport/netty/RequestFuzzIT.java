package io.ssegateway.transport.netty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.Counter;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Random changes to requests: each is answered or its connection is closed, nothing fails inside,
 * and a stream beside it loses nothing. {@code -Dssegateway.fuzz.seconds} says how long, all
 * transports together; {@code -Dssegateway.fuzz.seed} repeats a run.
 */
class RequestFuzzIT extends GatewayCase {
  private static final double SECONDS =
      Double.parseDouble(System.getProperty("ssegateway.fuzz.seconds", "5"));
  private static final long SEED = Long.getLong("ssegateway.fuzz.seed", System.nanoTime());
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3}) [^\r\n]*\r\n");

  private static final List<String> REQUESTS =
      List.of(
          StreamClient.request("channel_id=fuzz&channel_id=b&last_event_id=x-1"),
          StreamClient.request("channel_id=%66uzz", "Last-Event-ID: abc-12", "Origin: http://a"),
          RawClient.post("{\"channel_id\":\"fuzz\",\"data\":{\"a\":[1,2]},\"retry\":5}", ""),
          RawClient.post("[{\"data\":\"x\"},{\"event_type\":\"t\",\"id\":\"7\",\"data\":1}]", ""),
          "POST /api/send HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na\r\n{\"data\":1}\r\n0\r\n\r\n",
          "GET /api/stats?offset=0&limit=10 HTTP/1.1\r\nHost: g\r\n\r\n",
          "OPTIONS /sse/connect HTTP/1.1\r\nHost: g\r\nOrigin: http://a\r\n\r\n",
          "HEAD /ready HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
          RawClient.post("{\"data\":1}", "Expect: 100-continue\r\n"));

  private static final List<String> TOKENS =
      List.of(
          "\r\n",
          "\n",
          "\r",
          "\r\n\r\n",
          " ",
          "\t",
          ":",
          "%",
          "%zz",
          "%00",
          "%ff",
          ";",
          "&",
          "?",
          "/",
          "\u0000",
          "\u00ff",
          "\u0080",
          "{",
          "}",
          "[",
          "\"",
          "\\ud800",
          "\\u0000",
          "-1",
          "99999999999999999999",
          "Content-Length: 3\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Connection: close\r\n",
          "Expect: 100-continue\r\n",
          "Upgrade: h2c\r\n",
          "HTTP/1.0",
          "HTTP/2.0",
          "0\r\n\r\n",
          "ffffffff\r\n",
          "Last-Event-ID: \r\n",
          "null",
          "1e999");

  private static String mutate(String request, Random random) {
    StringBuilder text = new StringBuilder(request);
    for (int changes = random.nextInt(4); changes >= 0; changes--) {
      int at = random.nextInt(text.length() + 1);
      int end = Math.min(text.length(), at + random.nextInt(12));
      switch (random.nextInt(6)) {
        case 0 -> text.insert(at, TOKENS.get(random.nextInt(TOKENS.size())));
        case 1 -> text.replace(at, end, TOKENS.get(random.nextInt(TOKENS.size())));
        case 2 -> text.delete(at, end);
        case 3 -> text.insert(at, text.substring(at, end).repeat(1 + random.nextInt(300)));
        case 4 -> text.insert(at, (char) random.nextInt(256));
        default -> text.append(REQUESTS.get(random.nextInt(REQUESTS.size())));
      }
    }
    return text.toString();
  }

  /** Sends a request in pieces and reads until the server ends, or is silent for good. */
  private void attempt(byte[] bytes, Random random) throws IOException {
    String answer;
    try (RawClient client = RawClient.connect(port)) {
      client.timeout(5_000);
      try {
        int cut = random.nextInt(4) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
        client.send(java.util.Arrays.copyOf(bytes, cut));
        client.send(java.util.Arrays.copyOfRange(bytes, cut, bytes.length));
        client.shutdownOutput(); // the end of the client's side must be the end of it all
      } catch (IOException e) {
        // the server had enough
      }
      answer = client.readToEnd(); // fails if nothing comes for too long: a hang
    }
    Matcher status = STATUS.matcher(answer);
    while (status.find()) {
      int code = Integer.parseInt(status.group(1));
      assertThat(code < 500 || code == 503 || code == 507)
          .as("answer:\n%s\nto:\n%s", answer, new String(bytes, ISO_8859_1))
          .isTrue();
    }
  }

  @Test
  void everyRequestIsAnsweredOrItsConnectionClosed() throws Exception {
    System.out.println("ssegateway.fuzz.seed=" + SEED);
    start(o -> o.headerTimeoutMs(1000).maxHeaderBytes(4096).maxRequestBytes(4096), e -> e);
    Random random = new Random(SEED);
    long end = System.nanoTime() + (long) (SECONDS / 3 * TimeUnit.SECONDS.toNanos(1));
    int attempts = 0;
    try (StreamClient stream = StreamClient.listen(port, "channel_id=healthy")) {
      while (System.nanoTime() < end) {
        String request = mutate(REQUESTS.get(random.nextInt(REQUESTS.size())), random);
        attempt(request.getBytes(ISO_8859_1), random);
        publish("healthy", String.valueOf(attempts++));
      }

      int seen = 0;
      while (seen < attempts) {
        SseBlock event = stream.nextEvent();
        // what the fuzzed requests publish to everyone comes here too, with data of its own
        if (event.data().equals(String.valueOf(seen))) {
          seen++;
        }
      }
    }
    assertThat(attempts).isGreaterThan(20);
    assertThat(count(Counter.CONTAINED_FAILURES)).isZero();
    await("nobody is left", () -> gateway.engine().subscribers().total() == 0);
  }
}
