package io.ssegateway.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.ssegateway.transport.netty.testing.Http2Raw;
import io.ssegateway.transport.netty.testing.Http2Raw.Frame;
import io.ssegateway.transport.netty.testing.RawClient;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/**
 * Frames made up, good and bad. After those that are frames at least, the connection either ends,
 * or answers a good request; after bytes that are none, and the end of the client's side, it ends.
 */
final class Http2Attempt implements Attempt {
  private static final int LAST_STREAM = 0x10001;
  private static final int PRIORITY_FLAG = 0x20;
  private static final int PAD = 5;

  private static final List<String> METHODS =
      List.of("GET", "POST", "HEAD", "DELETE", "\u00e9", "");
  private static final List<String> PATHS =
      List.of(
          "/sse/connect?channel_id=fuzz",
          "/sse/connect?channel_id=%zz",
          "/sse/connect",
          "/api/send",
          "/api/stats",
          "/health",
          "*",
          "",
          "/x\r\ny");
  private static final List<String> NAMES =
      List.of(
          "content-length",
          "connection",
          "te",
          "expect",
          "host",
          "cookie",
          "last-event-id",
          "accept-encoding",
          "authorization",
          "x-forwarded-for",
          ":path",
          ":status",
          ":protocol",
          "Upper",
          "");
  private static final List<String> VALUES =
      List.of("3", "-1", "0", "trailers", "100-continue", "gzip", "a b", "\u0000", "\u00ff", "");

  @Override
  public void run(int port, Random random) throws IOException {
    boolean whole = random.nextBoolean();
    RawClient client = RawClient.connect(port);
    client.timeout(FuzzIT.PATIENCE_MS);
    try (Http2Raw connection = new Http2Raw(client)) {
      try {
        begin(connection, whole, random);
        for (int frames = random.nextInt(12); frames >= 0; frames--) {
          byte[] frame = frame(connection, random);
          if (!whole && random.nextInt(4) == 0) {
            frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
          }
          client.send(frame);
        }
        if (whole) {
          // refers to no field that was sent before: the server may have read others out of rubbish
          byte[] fields = new Http2Raw(client).fields("GET", "/health");
          int end = Http2Raw.END_STREAM | Http2Raw.END_HEADERS;
          connection.frame(Http2Raw.HEADERS, end, LAST_STREAM, fields);
        } else {
          client.shutdownOutput();
        }
      } catch (IOException e) {
        // the server had enough
      }
      readToTheEnd(connection, whole);
    }
  }

  private static void begin(Http2Raw connection, boolean whole, Random random) throws IOException {
    if (whole || random.nextInt(10) > 0) {
      connection.begin();
      return;
    }
    byte[] preface = Http2Raw.preface();
    preface[random.nextInt(preface.length)] ^= (byte) (1 << random.nextInt(8));
    connection.client().send(preface);
  }

  /** Nothing may come that is no frame, nor an answer of 5xx, nor nothing for too long. */
  private static void readToTheEnd(Http2Raw connection, boolean whole) throws IOException {
    for (Frame frame = next(connection); frame != null; frame = next(connection)) {
      assertThat(frame.type()).isBetween(Http2Raw.DATA, Http2Raw.CONTINUATION);
      if (frame.type() == Http2Raw.HEADERS) {
        String status = connection.decode(frame).status().toString();
        assertThat(status).as("stream %d", frame.stream()).doesNotStartWith("5");
        if (whole && frame.stream() == LAST_STREAM) {
          assertThat(status).isEqualTo("200");
          return; // it is well
        }
      }
    }
  }

  /** An answer of ours to PING or SETTINGS may find the connection closed. */
  private static Frame next(Http2Raw connection) throws IOException {
    try {
      return connection.next();
    } catch (SocketTimeoutException e) {
      throw new AssertionError("neither an answer nor the end of the connection", e);
    } catch (IOException e) {
      return null;
    }
  }

  private static byte[] frame(Http2Raw connection, Random random) throws IOException {
    int stream = 1 + 2 * random.nextInt(4);
    return switch (random.nextInt(14)) {
      case 0, 1, 2 -> request(connection, stream, random);
      case 3, 4 -> data(stream, random);
      case 5 -> Http2Raw.bytes(Http2Raw.RST_STREAM, 0, stream, ints(random.nextInt(14)));
      case 6 -> Http2Raw.bytes(Http2Raw.PRIORITY, 0, stream, bytes(5, random));
      case 7 -> settings(random);
      case 8 -> Http2Raw.bytes(Http2Raw.PING, random.nextInt(2), 0, bytes(8, random));
      case 9 -> {
        int increment = random.nextBoolean() ? random.nextInt(1000) : random.nextInt();
        yield Http2Raw.bytes(
            Http2Raw.WINDOW_UPDATE, 0, random.nextBoolean() ? 0 : stream, ints(increment));
      }
      case 10 -> Http2Raw.bytes(Http2Raw.GOAWAY, 0, 0, bytes(8 + random.nextInt(8), random));
      case 11 -> {
        byte[] block = bytes(random.nextInt(40), random);
        yield Http2Raw.bytes(Http2Raw.CONTINUATION, Http2Raw.END_HEADERS, stream, block);
      }
      case 12 -> {
        byte[] block = bytes(random.nextInt(40), random);
        yield Http2Raw.bytes(Http2Raw.HEADERS, Http2Raw.END_HEADERS, stream, block); // no HPACK
      }
      default -> {
        int any =
            random.nextInt(LAST_STREAM)
                | random.nextInt() & 0x8000_0000; // and a bit that is reserved
        byte[] payload = bytes(random.nextInt(64), random);
        yield Http2Raw.bytes(random.nextInt(256), random.nextInt(256), any, payload);
      }
    };
  }

  /** A request, perhaps with fields that must not be, in a row of frames, or its trailers. */
  private static byte[] request(Http2Raw connection, int stream, Random random) throws IOException {
    Http2Headers fields = new DefaultHttp2Headers(false);
    if (random.nextInt(8) > 0) {
      fields.method(any(METHODS, random)).path(any(PATHS, random)).scheme("http");
      fields.authority(random.nextInt(4) == 0 ? "a b" : "localhost");
    }
    for (int more = random.nextInt(4) - 1; more > 0; more--) {
      String value = any(VALUES, random);
      fields.add(any(NAMES, random), random.nextInt(9) == 0 ? value + "x".repeat(5000) : value);
    }
    byte[] block = connection.encode(fields);
    int flags = random.nextInt(3) > 0 ? Http2Raw.END_STREAM : 0;
    int cut = random.nextInt(4) == 0 ? random.nextInt(block.length + 1) : block.length;
    byte[] first = java.util.Arrays.copyOf(block, cut);
    byte[] rest = java.util.Arrays.copyOfRange(block, cut, block.length);
    if (random.nextInt(4) == 0) {
      flags |= PRIORITY_FLAG;
      first = ByteBuffer.allocate(5 + first.length).put(bytes(5, random)).put(first).array();
    }
    if (cut == block.length) {
      return Http2Raw.bytes(Http2Raw.HEADERS, flags | Http2Raw.END_HEADERS, stream, first);
    }
    byte[] head = Http2Raw.bytes(Http2Raw.HEADERS, flags, stream, first);
    byte[] tail = Http2Raw.bytes(Http2Raw.CONTINUATION, Http2Raw.END_HEADERS, stream, rest);
    return ByteBuffer.allocate(head.length + tail.length).put(head).put(tail).array();
  }

  private static byte[] data(int stream, Random random) {
    byte[] content =
        random.nextBoolean()
            ? "{\"channel_id\":\"fuzz\",\"data\":1}"
                .getBytes(java.nio.charset.StandardCharsets.UTF_8)
            : bytes(random.nextInt(3000), random);
    int flags = random.nextInt(2);
    if (random.nextInt(3) == 0) {
      flags |= Http2Raw.PADDED;
      content =
          ByteBuffer.allocate(1 + content.length + PAD)
              .put((byte) (random.nextInt(5) == 0 ? 255 : PAD))
              .put(content)
              .array();
    }
    return Http2Raw.bytes(Http2Raw.DATA, flags, stream, content);
  }

  private static byte[] settings(Random random) {
    int number = random.nextInt(4);
    ByteBuffer settings = ByteBuffer.allocate(number * 6);
    for (int i = 0; i < number; i++) {
      settings.putShort((short) (2 + random.nextInt(8))); // 1 is between the two HPACK coders
      settings.putInt(random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(100_000));
    }
    return Http2Raw.bytes(Http2Raw.SETTINGS, 0, 0, settings.array());
  }

  private static byte[] ints(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static byte[] bytes(int number, Random random) {
    byte[] bytes = new byte[number];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String any(List<String> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }
}
