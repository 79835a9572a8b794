package io.ssegateway.stress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.util.List;
import java.util.Random;

/**
 * Some good requests in a row, then one or more with random changes, in random pieces, then the end
 * of the client's side. The good ones have to be answered as they deserve, whatever follows; the
 * others may be refused; and the connection has to end.
 */
final class Http1Attempt implements Attempt {

  /** A request that is good, and how it is answered. */
  private record Good(String request, int status) {}

  private static final List<Good> GOOD =
      List.of(
          new Good("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
          new Good("GET /api/stats?limit=1 HTTP/1.1\r\nhost:localhost\r\nX:\r\n\r\n", 200),
          new Good("HEAD /ready HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
          new Good("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
          new Good("DELETE /api/send HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
          new Good("GET /sse/connect HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
          new Good(RawClient.post("{\"channel_id\":\"fuzz\",\"data\":1}", ""), 200),
          new Good(RawClient.post("{\"channel_id\":\"fuzz\"}", ""), 400),
          new Good(
              "POST /api/send HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + "5;x=y\r\n{\"dat\r\n5\r\na\":1}\r\n0\r\nTrailer: x\r\n\r\n",
              200));

  private static final List<String> TO_CHANGE =
      List.of(
          StreamClient.request("channel_id=fuzz&channel_id=b&last_event_id=x-1"),
          StreamClient.request("channel_id=%66uzz", "Last-Event-ID: abc-12", "Origin: http://a"),
          StreamClient.request("channel_id=fuzz", "Accept-Encoding: gzip;q=0.5, zstd", "TE: x"),
          RawClient.post("{\"channel_id\":\"fuzz\",\"data\":{\"a\":[1,2]},\"retry\":5}", ""),
          RawClient.post("[{\"data\":\"x\"},{\"event_type\":\"t\",\"id\":\"7\",\"data\":1}]", ""),
          "POST /api/send HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "a\r\n{\"data\":1}\r\n0\r\n\r\n",
          "GET /api/stats?offset=0&limit=10 HTTP/1.1\r\nHost: g\r\n\r\n",
          "GET /api/channels/fuzz%2Fb HTTP/1.1\r\nHost: g\r\nForwarded: for=\"[::1]:1\"\r\n\r\n",
          "GET /api/connections?limit=3 HTTP/1.1\r\nHost: g\r\nCookie: a=b; c\r\n\r\n",
          "OPTIONS /sse/connect HTTP/1.1\r\nHost: g\r\nOrigin: http://a\r\n\r\n",
          "HEAD /ready HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
          RawClient.post("{\"data\":1}", "Expect: 100-continue\r\n"));

  private static final List<String> TOKENS =
      List.of(
          "\r\n",
          "\n",
          "\r",
          "\r\n\r\n",
          "\r\n ",
          " ",
          "\t",
          ":",
          ",",
          "%",
          "%zz",
          "%00",
          "%ff",
          "%0d%0a",
          ";",
          "&",
          "?",
          "/",
          "//",
          "/../",
          "http://a:99999/",
          "*",
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
          "+1",
          "0x10",
          "99999999999999999999",
          "Content-Length: 3\r\n",
          "Content-Length: 3, 3\r\n",
          "Content-Length:\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Transfer-Encoding: gzip, chunked\r\n",
          "Transfer-Encoding: chunked, identity\r\n",
          "Connection: close\r\n",
          "Connection: upgrade, HTTP2-Settings\r\n",
          "Expect: 100-continue\r\n",
          "Expect: something\r\n",
          "Upgrade: h2c\r\n",
          "Host: a\r\nHost: b\r\n",
          "Authorization: Bearer \r\n",
          "Forwarded: for=\"\r\n",
          "HTTP/1.0",
          "HTTP/1.2",
          "HTTP/2.0",
          "0\r\n\r\n",
          "ffffffff\r\n",
          "ffffffffffffffff0\r\n",
          "Last-Event-ID: \r\n",
          "null",
          "1e999");

  static String change(String request, Random random) {
    StringBuilder text = new StringBuilder(request);
    for (int changes = random.nextInt(4); changes >= 0; changes--) {
      int at = random.nextInt(text.length() + 1);
      int end = Math.min(text.length(), at + random.nextInt(12));
      switch (random.nextInt(6)) {
        case 0 -> text.insert(at, any(TOKENS, random));
        case 1 -> text.replace(at, end, any(TOKENS, random));
        case 2 -> text.delete(at, end);
        case 3 -> text.insert(at, text.substring(at, end).repeat(1 + random.nextInt(300)));
        case 4 -> text.insert(at, (char) random.nextInt(256));
        default -> text.append(any(TO_CHANGE, random));
      }
    }
    return text.toString();
  }

  private static <T> T any(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }

  @Override
  public void run(int port, Random random) throws IOException {
    StringBuilder text = new StringBuilder();
    Good[] good = new Good[random.nextInt(4)];
    for (int i = 0; i < good.length; i++) {
      good[i] = any(GOOD, random);
      text.append(good[i].request);
    }
    text.append(change(any(TO_CHANGE, random), random));
    byte[] bytes = text.toString().getBytes(ISO_8859_1);
    List<Integer> statuses = new Http1Answers(exchange(port, bytes, random)).statuses();

    for (int i = 0; i < good.length; i++) {
      assertThat(statuses).as("answers to:\n%s", text).hasSizeGreaterThan(i);
      assertThat(statuses.get(i)).as("answer %d to:\n%s", i, text).isEqualTo(good[i].status);
    }
    assertThat(statuses).as("answers to:\n%s", text).allMatch(status -> status < 500);
  }

  /** Sends all in pieces, ends this side, and reads to the end, which has to come. */
  private static String exchange(int port, byte[] bytes, Random random) throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      client.timeout(FuzzIT.PATIENCE_MS);
      try {
        for (byte[] piece : Pieces.of(bytes, random)) {
          client.send(piece);
        }
        client.shutdownOutput();
      } catch (IOException e) {
        // the server had enough
      }
      return client.readToEnd();
    }
  }
}
