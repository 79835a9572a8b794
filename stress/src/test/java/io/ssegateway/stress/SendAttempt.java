package io.ssegateway.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.transport.netty.testing.Http2Raw;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A body for {@code POST /api/send}, by either protocol, in pieces. A good one is taken, and a
 * stream hears each of its messages as it was meant; one that is changed is taken or refused; and
 * one that is wrong is refused.
 */
final class SendAttempt implements Attempt {
  private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");

  /** What has no place in a body, wherever it stands outside of a string. */
  private static final List<String> WRONG =
      List.of(
          "{\"channel_id\":\"echo\"}",
          "{\"data\":1,\"data\":2}",
          "{\"data\":1,\"unknown\":2}",
          "{\"data\":1,}",
          "{\"data\":tru}",
          "{\"data\":01}",
          "{\"data\":\"\u0001\"}",
          "{\"data\":1,\"channel_id\":\"\"}",
          "{\"data\":1,\"channel_id\":7}",
          "{\"data\":1,\"event_type\":\"a\\nb\"}",
          "{\"data\":1,\"retry\":-1}",
          "{\"data\":1,\"retry\":1.5}",
          "{\"data\":1,\"id\":\"a\\u0000\"}",
          "{'data':1}",
          "{\"data\":[1,2}",
          "{\"data\":" + "[".repeat(2000),
          "7",
          "\"data\"",
          "]",
          "{");

  private final StreamClient listener;

  /**
   * Creates it.
   *
   * @param listener a stream of {@link MadeUpMessages#CHANNEL} that has begun
   */
  SendAttempt(StreamClient listener) {
    this.listener = listener;
  }

  /** An answer. */
  private record Answer(int status, String body) {}

  @Override
  public void run(int port, Random random) throws IOException {
    switch (random.nextInt(4)) {
      case 0 -> {
        String wrong = "\n" + WRONG.get(random.nextInt(WRONG.size()));
        String body = random.nextBoolean() ? wrong : "{\"data\":\"before\"}" + wrong;
        Answer answer = send(port, body.getBytes(StandardCharsets.UTF_8), random);
        assertThat(answer.status).as("answer %s to:\n%s", answer, body).isEqualTo(400);
      }
      case 1 -> {
        byte[] body = changed(MadeUpMessages.of(random).json(), random);
        Answer answer = send(port, body, random);
        assertThat(answer.status)
            .as("answer %s to:\n%s", answer, shown(new String(body, StandardCharsets.ISO_8859_1)))
            .isIn(200, 400, 413);
      }
      default -> taken(port, MadeUpMessages.of(random), random);
    }
  }

  private void taken(int port, MadeUpMessages messages, Random random) throws IOException {
    byte[] body = messages.json().getBytes(StandardCharsets.UTF_8);
    Answer answer = send(port, body, random);
    assertThat(answer.status)
        .as("answer %s to:\n%s", answer, shown(messages.json()))
        .isEqualTo(200);
    Matcher id = ID.matcher(answer.body);
    for (MadeUpMessages.Event event : messages.events()) {
      assertThat(id.find()).as("an id for each of:\n%s", shown(messages.json())).isTrue();
      SseBlock heard = listener.nextEvent();
      while (!heard.id().equals(id.group(1))) {
        heard = listener.nextEvent(); // of an attempt that was changed, or to everyone
      }
      assertThat(shown(heard.type())).isEqualTo(shown(event.type()));
      assertThat(shown(heard.data())).isEqualTo(shown(event.heard()));
    }
    assertThat(id.find())
        .as("no more ids in %s than:\n%s", answer, shown(messages.json()))
        .isFalse();
  }

  /** So that what differs can be seen. */
  private static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    for (char c : text.toCharArray()) {
      shown.append(c >= ' ' && c < 0x7f ? String.valueOf(c) : String.format("\\u%04x", (int) c));
    }
    return shown.toString();
  }

  private static byte[] changed(String json, Random random) {
    byte[] bytes =
        random.nextBoolean()
            ? Http1Attempt.change(json, random).getBytes(StandardCharsets.UTF_8)
            : json.getBytes(StandardCharsets.UTF_8);
    for (int flips = random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private static Answer send(int port, byte[] body, Random random) throws IOException {
    return random.nextInt(3) == 0
        ? byHttp2(port, body, random)
        : byHttp1(port, body, random.nextBoolean(), random);
  }

  private static Answer byHttp1(int port, byte[] body, boolean chunked, Random random)
      throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    String length = chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + body.length;
    String head = "POST /api/send HTTP/1.1\r\nHost: localhost\r\n" + length + "\r\n\r\n";
    request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    if (chunked) {
      for (byte[] piece : Pieces.of(body, random)) {
        if (piece.length > 0) {
          String size = Integer.toHexString(piece.length) + "\r\n";
          request.writeBytes(size.getBytes(StandardCharsets.US_ASCII));
          request.writeBytes(piece);
          request.writeBytes(new byte[] {'\r', '\n'});
        }
      }
      request.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    } else {
      request.writeBytes(body);
    }
    try (RawClient client = RawClient.connect(port)) {
      client.timeout(FuzzIT.PATIENCE_MS);
      for (byte[] piece : Pieces.of(request.toByteArray(), random)) {
        client.send(piece);
      }
      var answer = client.answer();
      return new Answer(answer.status(), answer.body());
    }
  }

  private static Answer byHttp2(int port, byte[] body, Random random) throws IOException {
    RawClient client = RawClient.connect(port);
    client.timeout(FuzzIT.PATIENCE_MS);
    try (Http2Raw connection = new Http2Raw(client).begin()) {
      byte[] fields = connection.fields("POST", "/api/send");
      connection.frame(Http2Raw.HEADERS, Http2Raw.END_HEADERS, 1, fields);
      for (byte[] piece : Pieces.of(body, random)) {
        if (piece.length > 0) { // a row of empty ones is a flood
          connection.frame(Http2Raw.DATA, 0, 1, piece);
        }
      }
      connection.frame(Http2Raw.DATA, Http2Raw.END_STREAM, 1, new byte[0]);
      int status = Integer.parseInt(connection.response(1).status().toString());
      return new Answer(status, connection.body(1));
    }
  }
}
