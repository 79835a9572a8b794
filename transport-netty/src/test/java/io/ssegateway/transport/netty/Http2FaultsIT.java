package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.ssegateway.engine.Message;
import io.ssegateway.transport.netty.testing.Http2Raw;
import io.ssegateway.transport.netty.testing.Http2Raw.Frame;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * What RFC 9113 forbids, in the manner of h2spec: a fault ends its stream or its connection, and
 * neither hangs nor is answered by an error of ours, nor fills the log.
 */
class Http2FaultsIT extends GatewayCase {
  private static final int ANY = -1;
  private static final int PROTOCOL_ERROR = 1;
  private static final int FLOW_CONTROL_ERROR = 3;
  private static final int FRAME_SIZE_ERROR = 6;
  private static final int COMPRESSION_ERROR = 9;

  /** Sends a fault on a connection that has begun. */
  @FunctionalInterface
  private interface Fault {
    void send(Http2Raw connection) throws IOException;
  }

  /** A fault of the connection, and the error that GOAWAY has to tell. */
  private record ConnectionFault(String name, int error, Fault fault) {}

  private static byte[] ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4);
    for (int value : values) {
      bytes.putInt(value);
    }
    return bytes.array();
  }

  private static byte[] setting(int id, int value) {
    return ByteBuffer.allocate(6).putShort((short) id).putInt(value).array();
  }

  private static byte[] get(Http2Raw connection, String... more) throws IOException {
    return connection.fields("GET", "/sse/connect?channel_id=a", more);
  }

  private static final int HEADERS_END = Http2Raw.END_HEADERS | Http2Raw.END_STREAM;

  private static final List<ConnectionFault> FAULTS =
      List.of(
          new ConnectionFault(
              "4.2 a frame larger than the limit",
              FRAME_SIZE_ERROR,
              c -> c.frame(Http2Raw.PING, 0, 0, new byte[16_385])),
          new ConnectionFault(
              "4.3 a header block that is no HPACK",
              COMPRESSION_ERROR,
              c -> c.frame(Http2Raw.HEADERS, HEADERS_END, 1, new byte[] {-1, -1, -1, -1, -1, -1})),
          new ConnectionFault(
              "5.1 DATA on an idle stream",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.DATA, 0, 1, new byte[1])),
          new ConnectionFault(
              "5.1 RST_STREAM on an idle stream",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.RST_STREAM, 0, 1, ints(8))),
          new ConnectionFault(
              "5.1 WINDOW_UPDATE on an idle stream",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.WINDOW_UPDATE, 0, 1, ints(1))),
          new ConnectionFault(
              "5.1.1 an even stream",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.HEADERS, HEADERS_END, 2, get(c))),
          new ConnectionFault(
              "6.1 DATA on stream 0",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.DATA, 0, 0, new byte[1])),
          new ConnectionFault(
              "6.1 padding as long as the frame",
              PROTOCOL_ERROR,
              c -> {
                c.frame(Http2Raw.HEADERS, Http2Raw.END_HEADERS, 1, get(c));
                c.frame(Http2Raw.DATA, Http2Raw.PADDED, 1, new byte[] {9, 1, 2});
              }),
          new ConnectionFault(
              "6.2 HEADERS on stream 0",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.HEADERS, HEADERS_END, 0, get(c))),
          new ConnectionFault(
              "6.2 another frame within a header block",
              PROTOCOL_ERROR,
              c -> {
                c.frame(Http2Raw.HEADERS, Http2Raw.END_STREAM, 1, get(c));
                c.frame(Http2Raw.PING, 0, 0, new byte[8]);
              }),
          new ConnectionFault(
              "6.3 PRIORITY on stream 0",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.PRIORITY, 0, 0, new byte[5])),
          new ConnectionFault(
              "6.4 RST_STREAM on stream 0",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.RST_STREAM, 0, 0, ints(8))),
          new ConnectionFault(
              "6.4 RST_STREAM of a wrong size",
              FRAME_SIZE_ERROR,
              c -> c.frame(Http2Raw.RST_STREAM, 0, 1, new byte[3])),
          new ConnectionFault(
              "6.5 SETTINGS on a stream",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.SETTINGS, 0, 1, new byte[0])),
          new ConnectionFault(
              "6.5 SETTINGS of a wrong size",
              FRAME_SIZE_ERROR,
              c -> c.frame(Http2Raw.SETTINGS, 0, 0, new byte[5])),
          new ConnectionFault(
              "6.5 an acknowledgement with settings",
              FRAME_SIZE_ERROR,
              c -> c.frame(Http2Raw.SETTINGS, Http2Raw.ACK, 0, setting(3, 1))),
          new ConnectionFault(
              "6.5.2 ENABLE_PUSH neither 0 nor 1",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.SETTINGS, 0, 0, setting(2, 2))),
          new ConnectionFault(
              "6.5.2 a window too large",
              ANY,
              c -> c.frame(Http2Raw.SETTINGS, 0, 0, setting(4, -1))),
          new ConnectionFault(
              "6.5.2 a frame size too small",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.SETTINGS, 0, 0, setting(5, 1))),
          new ConnectionFault(
              "6.6 PUSH_PROMISE of a client",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.PUSH_PROMISE, Http2Raw.END_HEADERS, 1, ints(2))),
          new ConnectionFault(
              "6.7 PING on a stream",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.PING, 0, 1, new byte[8])),
          new ConnectionFault(
              "6.7 PING of a wrong size",
              FRAME_SIZE_ERROR,
              c -> c.frame(Http2Raw.PING, 0, 0, new byte[7])),
          new ConnectionFault(
              "6.8 GOAWAY on a stream",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.GOAWAY, 0, 1, new byte[8])),
          new ConnectionFault(
              "6.9 WINDOW_UPDATE of nothing for the connection",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.WINDOW_UPDATE, 0, 0, ints(0))),
          new ConnectionFault(
              "6.9 WINDOW_UPDATE of a wrong size",
              FRAME_SIZE_ERROR,
              c -> c.frame(Http2Raw.WINDOW_UPDATE, 0, 0, new byte[3])),
          new ConnectionFault(
              "6.9.1 the connection's window beyond its limit",
              FLOW_CONTROL_ERROR,
              c -> c.windowUpdate(0, Integer.MAX_VALUE)),
          new ConnectionFault(
              "6.10 CONTINUATION without HEADERS",
              PROTOCOL_ERROR,
              c -> c.frame(Http2Raw.CONTINUATION, Http2Raw.END_HEADERS, 1, get(c))),
          new ConnectionFault(
              "6.10 endless CONTINUATION",
              ANY,
              c -> {
                c.frame(Http2Raw.HEADERS, Http2Raw.END_STREAM, 1, get(c));
                for (int i = 0; i < 2000; i++) {
                  c.frame(Http2Raw.CONTINUATION, 0, 1, new byte[] {0, 1, 'a', 1, 'b'});
                }
              }));

  /** Header lists that RFC 9113, 8, forbids: the stream alone is at fault. */
  private static final List<String[]> FIELDS =
      List.of(
          new String[] {"connection", "keep-alive"},
          new String[] {"transfer-encoding", "chunked"},
          new String[] {"te", "gzip"},
          new String[] {"UPPER", "case"},
          new String[] {":unknown", "pseudo"},
          new String[] {":status", "200"},
          new String[] {"line", "one\r\ntwo"});

  @Test
  void aFaultEndsItsConnectionWithTheErrorThatIsDue() throws Exception {
    ListAppender<ILoggingEvent> log = listen();
    start();
    try (StreamClient healthy = StreamClient.listen(port, "channel_id=a")) {
      List<String> wrong = new ArrayList<>();
      for (ConnectionFault fault : FAULTS) {
        try (Http2Raw connection = Http2Raw.connect(port)) {
          try {
            fault.fault.send(connection);
          } catch (IOException e) {
            // closed before all of it was sent
          }
          String outcome = outcome(connection, fault.error);
          if (outcome != null) {
            wrong.add(fault.name + ": " + outcome);
          }
        }
      }
      assertThat(wrong).isEmpty();
      gateway.publisher().publish(Message.of("a", "still here"));
      assertThat(healthy.nextEvent().data()).isEqualTo("still here");
    } finally {
      silence(log);
    }
    await("all have ended", () -> gateway.engine().subscribers().total() == 0);
    assertThat(log.list).as("a peer writes nothing into the log").isEmpty();
  }

  /** Null if the connection ended as it should. */
  private static String outcome(Http2Raw connection, int error) throws IOException {
    Frame goAway = null;
    for (Frame frame = connection.next(); frame != null; frame = connection.next()) {
      if (frame.type() == Http2Raw.GOAWAY) {
        goAway = frame;
      }
    }
    if (goAway == null) {
      return error == ANY ? null : "ended without GOAWAY";
    }
    return error == ANY || goAway.error() == error ? null : "error " + goAway.error();
  }

  @Test
  void headersThatAreForbiddenEndTheStreamAndNothingElse() throws Exception {
    start();
    try (Http2Raw connection = Http2Raw.connect(port)) {
      int stream = 1;
      for (String[] field : FIELDS) {
        connection.frame(Http2Raw.HEADERS, HEADERS_END, stream, get(connection, field));
        int asked = stream;
        Frame answer =
            connection.next(
                f ->
                    f.stream() == asked
                        && (f.type() == Http2Raw.RST_STREAM || f.type() == Http2Raw.HEADERS));
        assertThat(answer.type()).as(field[0]).isEqualTo(Http2Raw.RST_STREAM);
        assertThat(answer.error()).as(field[0]).isEqualTo(PROTOCOL_ERROR);
        stream += 2;
      }
      String bomb = "x".repeat(17_000);
      connection.frame(
          Http2Raw.HEADERS,
          Http2Raw.END_STREAM,
          stream,
          get(connection, "bomb", bomb.substring(1000)));
      connection.frame(
          Http2Raw.CONTINUATION,
          Http2Raw.END_HEADERS,
          stream,
          connection.encode(
              new io.netty.handler.codec.http2.DefaultHttp2Headers(false)
                  .add("b", "x".repeat(2000))));
      assertThat(connection.response(stream).status()).hasToString("431");
      stream += 2;
      assertThat(connection.get(stream, "/health").response(stream).status()).hasToString("200");
    }
  }

  private static ListAppender<ILoggingEvent> listen() {
    ListAppender<ILoggingEvent> appender =
        new ListAppender<>() {
          @Override
          protected synchronized void append(ILoggingEvent event) {
            if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
              super.append(event);
            }
          }
        };
    appender.start();
    ((Logger) LoggerFactory.getLogger("io")).addAppender(appender);
    return appender;
  }

  private static void silence(ListAppender<ILoggingEvent> appender) {
    ((Logger) LoggerFactory.getLogger("io")).detachAppender(appender);
  }
}
