package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.Http2Raw;
import io.ssegateway.transport.netty.testing.Http2Raw.Frame;
import io.ssegateway.transport.netty.testing.OptionalPrograms;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.SseParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Streams over HTTP/2, without TLS, by prior knowledge. */
class Http2IT extends GatewayCase {
  private static final String STREAM = "/sse/connect?channel_id=news";

  private void start(
      UnaryOperator<GatewayOptions.Builder> options,
      UnaryOperator<EngineOptions.Builder> engine,
      Http2Options http2)
      throws IOException {
    GatewayOptions.Builder base =
        GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).eventLoops(2);
    gateway =
        Gateway.builder()
            .options(options.apply(base).build())
            .engineOptions(engine.apply(EngineOptions.DEFAULTS.toBuilder()).build())
            .journal(new MemoryJournal(64L * 1024 * 1024, 0))
            .http2(http2)
            .build();
    gateway.start();
    port = gateway.port();
  }

  private void await(long streams) {
    await("streams: " + streams, () -> gateway.engine().subscribers().total() == streams);
  }

  /** What comes on each stream of a connection. */
  private static final class Streams {
    private final Http2Raw connection;
    private final Map<Integer, SseParser> parsers = new HashMap<>();
    private final Map<Integer, List<SseBlock>> blocks = new HashMap<>();
    private final Map<Integer, Integer> owed = new HashMap<>();

    Streams(Http2Raw connection) {
      this.connection = connection;
    }

    /** Reads until a stream has so many events; windows of all but one stream are kept open. */
    List<String> read(int stream, int events, int shut) throws IOException {
      while (data(stream).size() < events) {
        Frame frame = connection.next(f -> f.type() == Http2Raw.DATA);
        int length = frame.bytes().size();
        if (length > 0) {
          connection.windowUpdate(0, length);
          if (frame.stream() == shut) {
            owed.merge(shut, length, Integer::sum);
          } else {
            connection.windowUpdate(frame.stream(), length);
          }
        }
        parsers
            .computeIfAbsent(frame.stream(), s -> new SseParser())
            .feed(
                ByteBuffer.wrap(frame.payload()),
                b -> blocks.computeIfAbsent(frame.stream(), s -> new ArrayList<>()).add(b));
      }
      return data(stream);
    }

    void open(int stream) throws IOException {
      connection.windowUpdate(stream, owed.getOrDefault(stream, 1));
    }

    private List<String> data(int stream) {
      return blocks.getOrDefault(stream, List.of()).stream()
          .filter(SseBlock::isEvent)
          .map(SseBlock::data)
          .toList();
    }
  }

  @Test
  void aStreamAndRequestsShareAConnection() throws Exception {
    start();
    try (Http2Raw connection = Http2Raw.connect(port)) {
      Http2Headers head = connection.get(1, STREAM).response(1);
      assertThat(head.status()).hasToString("200");
      assertThat(head.get("content-type")).hasToString("text/event-stream");
      assertThat(head.contains("connection")).isFalse();
      await(1);

      connection.publish(3, "{\"channel_id\":\"news\",\"data\":\"hello\"}");
      Http2Headers published = connection.response(3);
      assertThat(published.status()).hasToString("200");
      assertThat(connection.body(3)).contains("\"sent_count\":1");

      assertThat(connection.get(5, "/nowhere").response(5).status()).hasToString("404");
      assertThat(connection.get(7, "/health").response(7).status()).hasToString("200");
      gateway.publisher().publish(Message.of("news", "again"));
      Frame event = connection.next(f -> f.stream() == 1 && f.text().contains("again"));
      assertThat(event.text()).startsWith("id: ").endsWith("data: again\n\n");
      assertThat(count(Counter.DELIVERED)).isEqualTo(2);
    }
    await(0);
    assertThat(count(Counter.CLOSED_BY_CLIENT)).isEqualTo(1);
  }

  @Test
  void aStreamWhoseWindowIsShutFallsBackAloneAndMissesNothing() throws Exception {
    start(o -> o.maxPendingBytes(32 * 1024), e -> e, Http2Options.DEFAULTS);
    try (Http2Raw connection = Http2Raw.connect(port)) {
      Streams streams = new Streams(connection);
      connection.get(1, STREAM).get(3, STREAM);
      await(2);
      int events = 500;
      int sent = 0;
      for (int round = 0; round < 50; round++) {
        for (int i = 0; i < events / 50; i++) {
          gateway.publisher().publishOrWait(Message.of("news", sent++ + "x".repeat(900)), null);
        }
        streams.read(3, sent, 1);
      }
      assertThat(streams.data(1).size()).isLessThan(100);
      assertThat(count(Counter.SLOW_TRANSITIONS)).isEqualTo(1);

      streams.open(1);
      List<String> late = streams.read(1, events, -1);

      for (int i = 0; i < events; i++) {
        assertThat(late.get(i)).startsWith(i + "x");
      }
      assertThat(streams.data(3)).isEqualTo(late);
      gateway.publisher().publish(Message.of("news", "live"));
      assertThat(streams.read(1, events + 1, -1)).endsWith("live");
      assertThat(count(Counter.SLOW_TRANSITIONS)).isEqualTo(1);
    }
  }

  @Test
  void aStreamGoesOnAfterItsLastEvent() throws Exception {
    start();
    String first = publish("news", "one");
    publish("news", "two");
    try (Http2Raw connection = Http2Raw.connect(port)) {
      connection.frame(
          Http2Raw.HEADERS,
          Http2Raw.END_HEADERS | Http2Raw.END_STREAM,
          1,
          connection.fields("GET", STREAM, "last-event-id", first));

      assertThat(new Streams(connection).read(1, 1, -1)).containsExactly("two");
    }
  }

  @Test
  void aResetEndsAStreamAndNothingElse() throws Exception {
    start();
    try (Http2Raw connection = Http2Raw.connect(port)) {
      connection.get(1, STREAM).get(3, STREAM);
      await(2);

      connection.frame(Http2Raw.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8});
      await(1);
      gateway.publisher().publish(Message.of("news", "to one"));

      assertThat(new Streams(connection).read(3, 1, -1)).containsExactly("to one");
      assertThat(count(Counter.CLOSED_BY_CLIENT)).isEqualTo(1);
    }
  }

  @Test
  void aConnectionThatIsResetEndsItsStreamsAndOwesNothing() throws Exception {
    start();
    Http2Raw connection = Http2Raw.connect(port);
    connection.get(1, STREAM).get(3, STREAM);
    await(2);
    for (int i = 0; i < 500; i++) {
      gateway.publisher().publishOrWait(Message.of("news", "x".repeat(1000)), null);
    }

    connection.client().reset();

    await(0);
    assertThat(count(Counter.CLOSED_BY_CLIENT)).isEqualTo(2);
    await("nothing is owed", () -> gateway.engine().pendingBytes() == 0);
  }

  @Test
  void aDrainSaysGoAwayAndEndsEachStream() throws Exception {
    start(o -> o.drainMs(200), e -> e, Http2Options.DEFAULTS);
    try (Http2Raw connection = Http2Raw.connect(port)) {
      connection.get(1, STREAM).get(3, STREAM);
      await(2);
      CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(gateway::drain);

      assertThat(connection.next(f -> f.type() == Http2Raw.GOAWAY).error()).isZero();
      StringBuilder text = new StringBuilder();
      int ended = 0;
      for (Frame f = connection.next(); f != null; f = connection.next()) {
        text.append(f.type() == Http2Raw.DATA ? f.text() : "");
        ended += f.endsStream() ? 1 : 0;
      }

      assertThat(ended).isEqualTo(2);
      assertThat(text.toString().split("retry: ", -1)).hasSizeGreaterThanOrEqualTo(3);
      assertThat(drained.get(10, TimeUnit.SECONDS)).isTrue();
      assertThat(count(Counter.CLOSED_DRAINED)).isEqualTo(2);
    }
  }

  @Test
  void aPeerThatAnswersNoPingIsDead() throws Exception {
    start(o -> o, e -> e, new Http2Options(10, 50, 50, 1000));
    try (Http2Raw alive = Http2Raw.connect(port);
        Http2Raw silent = Http2Raw.connect(port).fallSilent()) {
      alive.get(1, STREAM);
      silent.get(1, STREAM);
      await(2);
      CompletableFuture<Void> reading =
          CompletableFuture.runAsync(
              () -> {
                try {
                  alive.next(f -> f.text().contains("end"));
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });

      await(1);

      assertThat(count(Counter.CLOSED_PEER_DEAD)).isEqualTo(1);
      assertThat(gateway.count(TransportCounter.HTTP2_PEERS_DEAD)).isEqualTo(1);
      gateway.publisher().publish(Message.of("news", "end"));
      reading.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aConnectionWithoutStreamsIsClosed() throws Exception {
    start(o -> o.headerTimeoutMs(100).idleTimeoutMs(100), e -> e, Http2Options.DEFAULTS);
    try (Http2Raw never = Http2Raw.connect(port);
        Http2Raw once = Http2Raw.connect(port)) {
      once.get(1, "/health");
      assertThat(once.next(f -> f.type() == Http2Raw.GOAWAY).error()).isZero();
      assertThat(never.next(f -> f.type() == Http2Raw.GOAWAY).error()).isZero();
      assertThat(once.next()).isNull();
    }
  }

  @Test
  void aRequestThatDoesNotEndIsAnswered408() throws Exception {
    start(o -> o.headerTimeoutMs(100), e -> e, Http2Options.DEFAULTS);
    try (Http2Raw connection = Http2Raw.connect(port)) {
      connection.frame(
          Http2Raw.HEADERS, Http2Raw.END_HEADERS, 1, connection.fields("POST", "/api/send"));
      assertThat(connection.response(1).status()).hasToString("408");
      assertThat(connection.next(f -> f.type() == Http2Raw.RST_STREAM).error()).isZero();
    }
  }

  @Test
  void aBodyThatIsTooLargeIsAnswered413() throws Exception {
    start(o -> o.maxRequestBytes(1000), e -> e, Http2Options.DEFAULTS);
    try (Http2Raw connection = Http2Raw.connect(port)) {
      connection.frame(
          Http2Raw.HEADERS, Http2Raw.END_HEADERS, 1, connection.fields("POST", "/api/send"));
      connection.frame(Http2Raw.DATA, 0, 1, new byte[1001]);
      assertThat(connection.response(1).status()).hasToString("413");
      assertThat(connection.get(3, "/health").response(3).status()).hasToString("200");
    }
  }

  @Test
  void streamsBeyondTheLimitAreRefused() throws Exception {
    start(o -> o, e -> e, new Http2Options(2, 20_000, 20_000, 1000));
    try (Http2Raw connection = Http2Raw.connect(port)) {
      connection.get(1, STREAM).get(3, STREAM);
      await(2);
      Frame refused = connection.get(5, STREAM).next(f -> f.type() == Http2Raw.RST_STREAM);
      assertThat(refused.stream()).isEqualTo(5);
      assertThat(refused.error()).isEqualTo((int) Http2Error.REFUSED_STREAM.code());
      await(2);
    }
  }

  @Test
  void floodsEndTheConnection() throws Exception {
    start(o -> o, e -> e, new Http2Options(100, 20_000, 20_000, 200));
    Map<String, byte[]> floods =
        Map.of(
            "PING", Http2Raw.bytes(Http2Raw.PING, 0, 0, new byte[8]),
            "SETTINGS", Http2Raw.bytes(Http2Raw.SETTINGS, 0, 0, new byte[0]));
    for (Map.Entry<String, byte[]> flood : floods.entrySet()) {
      try (Http2Raw connection = Http2Raw.connect(port)) {
        for (int i = 0; i < 250; i++) {
          connection.client().send(flood.getValue());
        }
        assertThat(connection.next(f -> f.type() == Http2Raw.GOAWAY).error())
            .as(flood.getKey())
            .isEqualTo((int) Http2Error.ENHANCE_YOUR_CALM.code());
      } catch (java.net.SocketException e) {
        // it was closed while we were still at it
      }
    }
    assertThat(gateway.count(TransportCounter.HTTP2_VIOLATIONS)).isEqualTo(2);
  }

  @Test
  void streamsThatAreOpenedAndResetInARowEndTheConnection() throws Exception {
    start(o -> o, e -> e, Http2Options.DEFAULTS);
    try (Http2Raw connection = Http2Raw.connect(port)) {
      for (int i = 0; i < 400; i++) {
        connection.get(2 * i + 1, STREAM);
        connection.frame(Http2Raw.RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
      }
      while (connection.next() != null) {
        // until it ends
      }
    } catch (java.net.SocketException e) {
      // the server had enough before we were through
    }
    await("counted", () -> gateway.count(TransportCounter.HTTP2_VIOLATIONS) > 0);
    await(0);
    assertThat(count(Counter.CONNECTS)).isLessThan(400);
  }

  @Test
  void curlGetsAStreamByPriorKnowledge() throws Exception {
    if (!OptionalPrograms.has("curl")) {
      OptionalPrograms.missing("curl");
    }
    start();
    Process curl =
        new ProcessBuilder(
                "curl",
                "-sN",
                "--max-time",
                "20",
                "--http2-prior-knowledge",
                "-w",
                "http/%{http_version}",
                "http://127.0.0.1:" + port + STREAM)
            .redirectErrorStream(true)
            .start();
    await(1);
    gateway.publisher().publish(Message.of("news", "hello curl"));
    await("delivered", () -> count(Counter.DELIVERED) == 1);
    CompletableFuture.runAsync(gateway::drain);
    String said =
        new String(curl.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(said).contains("data: hello curl\n").endsWith("http/2");
    assertThat(curl.waitFor()).isZero();
  }

  @Test
  void aPrefaceInPiecesIsUnderstoodAndHalfOfOneIsNot() throws Exception {
    start(o -> o.headerTimeoutMs(300), e -> e, Http2Options.DEFAULTS);
    byte[] preface = Http2Raw.preface();
    try (RawClient slow = RawClient.connect(port);
        RawClient half = RawClient.connect(port)) {
      half.send(java.util.Arrays.copyOf(preface, 10));
      for (byte b : preface) {
        slow.send(new byte[] {b});
      }
      Http2Raw connection = new Http2Raw(slow).frame(Http2Raw.SETTINGS, 0, 0, new byte[0]);
      assertThat(connection.get(1, "/health").response(1).status()).hasToString("200");
      assertThat(half.readToEnd()).contains("408");
    }
  }
}
