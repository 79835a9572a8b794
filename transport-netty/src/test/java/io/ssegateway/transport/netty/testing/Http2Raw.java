package io.ssegateway.transport.netty.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * An HTTP/2 connection of which each frame is sent by hand, good or bad (RFC 9113). Not
 * thread-safe.
 */
public final class Http2Raw implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int PRIORITY = 2;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PUSH_PROMISE = 5;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;
  public static final int PADDED = 8;

  public static final int INITIAL_WINDOW = 65535;

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final RawClient client;
  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(true, 65536);
  private boolean answersPings = true;

  /** A frame as it came. */
  public record Frame(int type, int flags, int stream, List<Byte> bytes) {
    /** The payload. */
    public byte[] payload() {
      byte[] array = new byte[bytes.size()];
      for (int i = 0; i < array.length; i++) {
        array[i] = bytes.get(i);
      }
      return array;
    }

    public String text() {
      return new String(payload(), StandardCharsets.UTF_8);
    }

    public boolean endsStream() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** The error of a RST_STREAM or a GOAWAY. */
    public int error() {
      return ByteBuffer.wrap(payload()).getInt(type == GOAWAY ? 4 : 0);
    }
  }

  /** Goes on with a connection on which nothing was sent. */
  public Http2Raw(RawClient client) {
    this.client = client;
  }

  /** Connects without TLS, and sends the preface and empty settings. */
  public static Http2Raw connect(int port) throws IOException {
    return new Http2Raw(RawClient.connect(port)).begin();
  }

  public Http2Raw begin() throws IOException {
    client.send(PREFACE);
    return frame(SETTINGS, 0, 0, new byte[0]);
  }

  public static byte[] preface() {
    return PREFACE.clone();
  }

  /** Does not answer PING any more. */
  public Http2Raw fallSilent() {
    answersPings = false;
    return this;
  }

  public RawClient client() {
    return client;
  }

  public Http2Raw frame(int type, int flags, int stream, byte[] payload) throws IOException {
    client.send(bytes(type, flags, stream, payload));
    return this;
  }

  /** A frame's bytes. */
  public static byte[] bytes(int type, int flags, int stream, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) (payload.length >> 16)).put((byte) (payload.length >> 8));
    frame.put((byte) payload.length).put((byte) type).put((byte) flags).putInt(stream);
    frame.put(payload);
    return frame.array();
  }

  /** Sends a request without a body. */
  public Http2Raw get(int stream, String path) throws IOException {
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, fields("GET", path));
  }

  /** Sends a request that publishes. */
  public Http2Raw publish(int stream, String json) throws IOException {
    frame(HEADERS, END_HEADERS, stream, fields("POST", "/api/send"));
    return frame(DATA, END_STREAM, stream, json.getBytes(StandardCharsets.UTF_8));
  }

  public byte[] fields(String method, String path, String... more) throws IOException {
    Http2Headers headers =
        new DefaultHttp2Headers(false)
            .method(method)
            .scheme("http")
            .authority("localhost")
            .path(path);
    for (int i = 0; i < more.length; i += 2) {
      headers.add(more[i], more[i + 1]);
    }
    return encode(headers);
  }

  public byte[] encode(Http2Headers headers) throws IOException {
    ByteBuf block = Unpooled.buffer();
    try {
      encoder.encodeHeaders(1, headers, block);
      byte[] bytes = new byte[block.readableBytes()];
      block.readBytes(bytes);
      return bytes;
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
  }

  /** Lets the peer send more. */
  public Http2Raw windowUpdate(int stream, int bytes) throws IOException {
    return frame(WINDOW_UPDATE, 0, stream, ByteBuffer.allocate(4).putInt(bytes).array());
  }

  /** The next frame; PINGs and SETTINGS are answered on the way. Null at the end. */
  public Frame next() throws IOException {
    byte[] head;
    byte[] payload;
    try {
      head = client.readExactly(9);
      payload = client.readExactly((head[0] & 255) << 16 | (head[1] & 255) << 8 | (head[2] & 255));
    } catch (java.io.EOFException | SocketException e) {
      return null;
    }
    List<Byte> bytes = new ArrayList<>(payload.length);
    for (byte b : payload) {
      bytes.add(b);
    }
    Frame frame =
        new Frame(head[3], head[4], ByteBuffer.wrap(head).getInt(5) & Integer.MAX_VALUE, bytes);
    try {
      answer(frame, payload);
    } catch (IOException e) {
      // the peer has closed; what it said before is still to be read
    }
    return frame;
  }

  private void answer(Frame frame, byte[] payload) throws IOException {
    boolean asks = (frame.flags & ACK) == 0;
    if (asks && frame.type == SETTINGS) {
      frame(SETTINGS, ACK, 0, new byte[0]);
    } else if (asks && frame.type == PING && answersPings) {
      frame(PING, ACK, 0, payload);
    }
  }

  /** The next frame of which this holds; what comes before is passed over. */
  public Frame next(Predicate<Frame> wanted) throws IOException {
    List<String> passed = new ArrayList<>();
    Frame frame = next();
    while (frame != null && !wanted.test(frame)) {
      passed.add(frame.type + "/" + frame.stream);
      frame = next();
    }
    if (frame == null) {
      throw new IOException("the connection ended; frames passed over: " + passed);
    }
    return frame;
  }

  /** The fields of the next response on a stream. */
  public Http2Headers response(int stream) throws IOException {
    return decode(next(f -> f.type == HEADERS && f.stream == stream));
  }

  /** The fields of a HEADERS frame; each that comes has to be decoded, since HPACK goes by them. */
  public Http2Headers decode(Frame frame) throws IOException {
    try {
      return decoder.decodeHeaders(frame.stream, Unpooled.wrappedBuffer(frame.payload()));
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
  }

  /** The data of a stream until its end. */
  public String body(int stream) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    Frame frame;
    do {
      frame = next(f -> f.type == DATA && f.stream == stream);
      body.write(frame.payload());
    } while (!frame.endsStream());
    return body.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
