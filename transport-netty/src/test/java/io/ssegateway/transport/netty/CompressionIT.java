package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.CompressionOptions.Coding;
import io.ssegateway.transport.netty.testing.Http2Raw;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.OptionalPrograms;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams that are compressed, each event once. */
class CompressionIT extends GatewayCase {
  private static final Set<Coding> BOTH = EnumSet.allOf(Coding.class);

  /** Sizes that are framed, compressed, more than a window of deflate and of a batch. */
  private static final int[] SIZES = {1, 300, 5_000, 200_000, 0, 70_000};

  private void start(int minBytes, UnaryOperator<GatewayOptions.Builder> options)
      throws IOException {
    GatewayOptions.Builder base =
        GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).eventLoops(2);
    gateway =
        Gateway.builder()
            .options(options.apply(base).build())
            .engineOptions(EngineOptions.DEFAULTS.toBuilder().heartbeatMs(300).build())
            .journal(new MemoryJournal(64L * 1024 * 1024, 0))
            .compression(new CompressionOptions(BOTH, minBytes))
            .build();
    gateway.start();
    port = gateway.port();
  }

  private static String text(int number, int size) {
    StringBuilder text = new StringBuilder(size + 8).append(number).append(':');
    while (text.length() < size) {
      text.append(Integer.toString(text.length() * 31 + number, 36)).append(' ');
    }
    return text.toString();
  }

  /** A stream of one coding, decoded as it comes. */
  private static final class Decoded implements AutoCloseable {
    private final RawClient client;
    private final InputStream in;

    Decoded(int port, Coding coding, String query, String... headers) throws IOException {
      client = RawClient.connect(port);
      List<String> all = new ArrayList<>(List.of(headers));
      all.add("Accept-Encoding: " + coding.token());
      client.send(StreamClient.request(query, all.toArray(String[]::new)));
      HttpAnswer head = client.answer(false);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Encoding")).isEqualTo(coding.token());
      assertThat(head.header("Vary")).isEqualTo("Accept-Encoding");
      in = decoder(coding, socket());
    }

    private InputStream socket() {
      return new InputStream() {
        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
          byte[] part = new byte[Math.min(length, 4096)];
          int n = client.read(part);
          if (n > 0) {
            System.arraycopy(part, 0, to, offset, n);
          }
          return n;
        }
      };
    }

    /** The next block, without the empty line at its end. */
    String block() throws IOException {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      int before = 0;
      while (true) {
        int b = in.read();
        if (b < 0) {
          throw new EOFException("the stream ended after " + block.size() + " bytes of a block");
        }
        if (b == '\n' && before == '\n') {
          return block.toString(StandardCharsets.UTF_8);
        }
        block.write(b);
        before = b;
      }
    }

    String data() throws IOException {
      while (true) {
        String block = block();
        int data = block.indexOf("data: ");
        if (data >= 0) {
          return block.substring(data + 6).strip();
        }
      }
    }

    @Override
    public void close() throws IOException {
      client.close();
    }
  }

  private static InputStream decoder(Coding coding, InputStream from) throws IOException {
    return coding == Coding.GZIP
        ? new GZIPInputStream(from)
        : new ZstdInputStream(from).setContinuous(true);
  }

  @ParameterizedTest
  @EnumSource(Coding.class)
  void everyEventCanBeReadBeforeTheNextIsThereLiveAndReplayed(Coding coding) throws Exception {
    start(256, o -> o);
    try (Decoded live = new Decoded(port, coding, "channel_id=a")) {
      String begin = live.block();
      String first = begin.substring(begin.indexOf("id: ") + 4).strip();
      for (int i = 0; i < SIZES.length; i++) {
        gateway.publisher().publish(Message.of("a", text(i, SIZES[i])));
        assertThat(live.data()).isEqualTo(text(i, SIZES[i]).strip());
      }
      assertThat(live.block()).as("a heartbeat").startsWith(":");
      try (Decoded late = new Decoded(port, coding, "channel_id=a", "Last-Event-ID: " + first)) {
        for (int i = 0; i < SIZES.length; i++) {
          assertThat(late.data()).isEqualTo(text(i, SIZES[i]).strip());
        }
        gateway.publisher().publish(Message.of("a", "live again"));
        assertThat(late.data()).isEqualTo("live again");
      }
      assertThat(live.data()).isEqualTo("live again");
    }
  }

  @Test
  void anEventIsCompressedOnceForAllAndPlainClientsGetItPlain() throws Exception {
    start(256, o -> o);
    List<Decoded> zipped = new ArrayList<>();
    try (StreamClient plain = StreamClient.listen(port, "channel_id=a")) {
      assertThat(plain.head().header("Content-Encoding")).isNull();
      assertThat(plain.head().header("Vary")).isEqualTo("Accept-Encoding");
      for (int i = 0; i < 20; i++) {
        zipped.add(new Decoded(port, Coding.GZIP, "channel_id=a"));
        zipped.add(new Decoded(port, Coding.ZSTD, "channel_id=a&channel_id=b"));
      }
      await("all listen", () -> gateway.engine().subscribers().total() == 41);
      long before = gateway.count(TransportCounter.COMPRESSIONS);
      int events = 10;
      for (int i = 0; i < events; i++) {
        gateway.publisher().publish(Message.of("a", text(i, 2_000)));
      }
      for (int i = 0; i < events; i++) {
        for (Decoded stream : zipped) {
          assertThat(stream.data()).isEqualTo(text(i, 2_000).strip());
        }
        assertThat(plain.nextEvent().data().strip()).isEqualTo(text(i, 2_000).strip());
      }
      assertThat(gateway.count(TransportCounter.COMPRESSIONS) - before)
          .as("for two codings on two loops")
          .isBetween(1L, 4L * events);
      assertThat(count(Counter.DELIVERED)).isEqualTo(41L * events);

      long tiny = gateway.count(TransportCounter.COMPRESSIONS);
      gateway.publisher().publish(Message.of("a", "tiny"));
      for (Decoded stream : zipped) {
        assertThat(stream.data()).isEqualTo("tiny");
      }
      assertThat(gateway.count(TransportCounter.COMPRESSIONS)).isEqualTo(tiny);
    } finally {
      for (Decoded stream : zipped) {
        stream.close();
      }
    }
  }

  /** What falls back to the journal is compressed on its way out of there too. */
  @ParameterizedTest
  @EnumSource(Coding.class)
  void aSlowClientMissesNothing(Coding coding) throws Exception {
    start(0, o -> o.sendBufferBytes(8 * 1024).maxPendingBytes(16 * 1024));
    int events = 200;
    try (Decoded slow = new Decoded(port, coding, "channel_id=a")) {
      slow.block();
      for (int i = 0; i < events; i++) {
        gateway.publisher().publishOrWait(Message.of("a", text(i, 20_000)), null);
      }
      await("it fell behind", () -> count(Counter.SLOW_TRANSITIONS) > 0);
      for (int i = 0; i < events; i++) {
        assertThat(slow.data()).isEqualTo(text(i, 20_000).strip());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Coding.class)
  void aStreamOfHttp2IsCompressedToo(Coding coding) throws Exception {
    start(256, o -> o);
    try (Http2Raw connection = Http2Raw.connect(port)) {
      connection.frame(
          Http2Raw.HEADERS,
          Http2Raw.END_HEADERS | Http2Raw.END_STREAM,
          1,
          connection.fields(
              "GET", "/sse/connect?channel_id=a", "accept-encoding", "br, " + coding.token()));
      assertThat(connection.response(1).get("content-encoding")).hasToString(coding.token());
      await("it listens", () -> gateway.engine().subscribers().total() == 1);
      gateway.publisher().publish(Message.of("a", text(7, 3_000)));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      String decoded = "";
      while (!decoded.contains("data: " + text(7, 3_000).strip())) {
        bytes.write(connection.next(f -> f.type() == Http2Raw.DATA).payload());
        decoded = decodeAll(coding, bytes.toByteArray());
      }
      assertThat(bytes.size()).isLessThan(3_000);
    }
  }

  private static String decodeAll(Coding coding, byte[] bytes) throws IOException {
    ByteArrayOutputStream decoded = new ByteArrayOutputStream();
    try (InputStream in = decoder(coding, new ByteArrayInputStream(bytes))) {
      for (int b = in.read(); b >= 0; b = in.read()) {
        decoded.write(b);
      }
    } catch (EOFException e) {
      // a stream has no end
    }
    return decoded.toString(StandardCharsets.UTF_8);
  }

  @Test
  void curlReadsEveryEventAsItComes() throws Exception {
    if (!OptionalPrograms.has("curl")) {
      OptionalPrograms.missing("curl is not installed");
    }
    start(256, o -> o);
    Process curl =
        new ProcessBuilder(
                "curl",
                "-sSN",
                "--compressed",
                "http://localhost:" + port + "/sse/connect?channel_id=a")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var lines = curl.inputReader(StandardCharsets.UTF_8)) {
      await("it listens", () -> gateway.engine().subscribers().total() == 1);
      for (int i = 0; i < SIZES.length; i++) {
        gateway.publisher().publish(Message.of("a", text(i, SIZES[i])));
        String line = lines.readLine();
        while (!line.startsWith("data:")) {
          line = lines.readLine();
        }
        assertThat(line.substring(6).strip()).isEqualTo(text(i, SIZES[i]).strip());
      }
      assertThat(gateway.count(TransportCounter.COMPRESSIONS)).isGreaterThan(2);
    } finally {
      curl.destroy();
    }
  }
}
