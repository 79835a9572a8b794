package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ssegateway.engine.CloseReason;
import io.ssegateway.transport.netty.testing.Http2Raw;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** One line for each request that was answered, and for each stream that is over. */
class AccessLogIT extends GatewayCase {
  private final BlockingQueue<AccessLogEntry> entries = new LinkedBlockingQueue<>();

  private GatewayOptions.Builder options() {
    return GatewayOptions.DEFAULTS.toBuilder()
        .port(0)
        .transport(kind)
        .eventLoops(1)
        .maxRequestBytes(1000);
  }

  private void startLogging(AccessLog log, UnaryOperator<Gateway.Builder> more) throws IOException {
    gateway = more.apply(Gateway.builder().options(options().build()).accessLog(log)).build();
    gateway.start();
    port = gateway.port();
  }

  private void startLogging() throws IOException {
    startLogging(entries::add, builder -> builder);
  }

  private AccessLogEntry entry() throws InterruptedException {
    AccessLogEntry entry = entries.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(entry).as("a line").isNotNull();
    return entry;
  }

  private void noFurther() {
    gateway.close(); // writes what waits
    assertThat(entries).isEmpty();
  }

  @Test
  void aRequestHasOneLineWithoutItsQuery() throws Exception {
    startLogging();
    long before = System.currentTimeMillis();
    HttpAnswer answer =
        RawClient.exchange(
            port,
            RawClient.post(
                    "{\"data\":1}",
                    "User-Agent: test/1.0\r\ntraceparent:"
                        + " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n")
                .replace("/api/send", "/api/send?secret=1"));

    AccessLogEntry entry = entry();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(entry.startedAtMs()).isBetween(before, System.currentTimeMillis());
    assertThat(entry)
        .isEqualTo(
            new AccessLogEntry(
                entry.startedAtMs(),
                entry.durationMs(),
                "127.0.0.1",
                null,
                "HTTP/1.1",
                "POST",
                "/api/send",
                200,
                answer.body().length(),
                "test/1.0",
                "0af7651916cd43dd8448eb211c80319c",
                null));
    noFurther();
  }

  @Test
  void aStreamHasOneLineWhenItIsOverWithItsBytesAndItsEnd() throws Exception {
    startLogging();
    RawClient client = RawClient.connect(port);
    StreamClient stream =
        new StreamClient(client.send(StreamClient.request("channel_id=news", "User-Agent: t")));
    stream.next();
    publish("news", "hello");
    stream.nextEvent();
    entry(); // of the publish
    assertThat(entries).isEmpty();
    stream.close();

    AccessLogEntry entry = entry();

    assertThat(entry.method() + entry.path()).isEqualTo("GET/sse/connect");
    assertThat(entry.status()).isEqualTo(200);
    assertThat(entry.client()).isEqualTo("127.0.0.1");
    assertThat(entry.userAgent()).isEqualTo("t");
    assertThat(entry.closeReason()).isEqualTo(CloseReason.CLIENT);
    assertThat(entry.bytes()).isGreaterThan("data: hello\n\n".length());
    noFurther();
  }

  @Test
  void theBytesOfAStreamAreThoseOfItsBody() throws Exception {
    startLogging();
    RawClient client = RawClient.connect(port).send(StreamClient.request("channel_id=news"));
    await("the stream", () -> gateway.engine().subscribers().total() == 1);
    for (int i = 0; i < 100; i++) {
      publish("news", "x".repeat(i));
      entry();
    }
    HttpAnswer connections =
        RawClient.exchange(port, "GET /api/connections HTTP/1.1\r\nHost: localhost\r\n\r\n");
    entry();
    HttpAnswer ending =
        RawClient.exchange(
            port,
            "DELETE /api/connections/"
                + connections.field("connection_id")
                + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(ending.status()).as(connections.body() + ending.body()).isEqualTo(200);
    String all = client.readToEnd();
    List<AccessLogEntry> ended =
        List.of(entry(), entry()).stream().filter(e -> e.closeReason() != null).toList();

    assertThat(ended).hasSize(1);
    assertThat(ended.get(0).closeReason()).isEqualTo(CloseReason.OPERATOR);
    assertThat(ended.get(0).bytes())
        .isEqualTo(all.length() - (all.indexOf("\r\n\r\n") + "\r\n\r\n".length()));
    client.close();
    noFurther();
  }

  @Test
  void requestsAndStreamsOfAnHttp2ConnectionHaveALineEach() throws Exception {
    startLogging();
    try (Http2Raw client = Http2Raw.connect(port)) {
      client.get(1, "/sse/connect?channel_id=news");
      assertThat(client.response(1).status()).hasToString("200");
      client.get(3, "/nowhere?x");
      assertThat(client.response(3).status()).hasToString("404");
      AccessLogEntry refused = entry();
      assertThat(refused.protocol()).isEqualTo("HTTP/2.0");
      assertThat(refused.path()).isEqualTo("/nowhere");
      assertThat(refused.status()).isEqualTo(404);
      assertThat(refused.bytes()).isEqualTo(client.body(3).length());
      client.frame(Http2Raw.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8});

      AccessLogEntry stream = entry();

      assertThat(stream.path()).isEqualTo("/sse/connect");
      assertThat(stream.protocol()).isEqualTo("HTTP/2.0");
      assertThat(stream.closeReason()).isEqualTo(CloseReason.CLIENT);
      assertThat(stream.bytes()).isPositive();
    }
    noFurther();
  }

  @Test
  void whatIsRefusedHasALineToo() throws Exception {
    startLogging();
    for (String request :
        List.of(
            "GET /sse/connect HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "POST /api/send?a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(20_000) + "\r\n\r\n",
            "this is no HTTP at all\r\n\r\n")) {
      RawClient.exchange(port, request);
    }

    assertThat(List.of(entry(), entry(), entry(), entry()))
        .extracting(AccessLogIT::answered)
        .containsExactly(
            "GET /sse/connect HTTP/1.1 400",
            "POST /api/send HTTP/1.1 413",
            "GET /x HTTP/1.1 431",
            "- - - 400");
    noFurther();
  }

  private static String answered(AccessLogEntry entry) {
    return "%s %s %s %d".formatted(entry.method(), entry.path(), entry.protocol(), entry.status());
  }

  @Test
  void whatNeverCameWholeHasALineWithWhatIsKnown() throws Exception {
    startLogging(entries::add, b -> b.options(options().headerTimeoutMs(300).build()));
    long before = System.currentTimeMillis();
    try (RawClient silent = RawClient.connect(port);
        RawClient half = RawClient.connect(port).send("GET /sse/connect?channel_id=a HTTP");
        RawClient unfinished = RawClient.connect(port)) {
      unfinished.send(RawClient.post("{\"data\":1}", "User-Agent: t\r\n").replace("1}", ""));
      HttpAnswer answer = silent.answer();
      for (HttpAnswer each : List.of(answer, half.answer(), unfinished.answer())) {
        assertThat(each.status()).isEqualTo(408);
      }

      List<AccessLogEntry> late = List.of(entry(), entry(), entry());

      assertThat(late)
          .extracting(AccessLogIT::answered)
          .containsExactlyInAnyOrder("- - - 408", "- - - 408", "POST /api/send HTTP/1.1 408");
      assertThat(late)
          .allSatisfy(
              entry -> {
                assertThat(entry.client()).isEqualTo("127.0.0.1");
                assertThat(entry.bytes()).isEqualTo(answer.body().length());
                assertThat(entry.startedAtMs()).isBetween(before, System.currentTimeMillis());
                assertThat(entry.closeReason()).isNull();
              });
      assertThat(late).extracting(AccessLogEntry::userAgent).containsOnlyOnce("t");
    }
    noFurther();
  }

  @Test
  void tooLargeAHeadOverHttp2HasALineToo() throws Exception {
    startLogging(entries::add, b -> b.options(options().maxHeaderBytes(2048).build()));
    try (Http2Raw client = Http2Raw.connect(port)) {
      client.frame(
          Http2Raw.HEADERS,
          Http2Raw.END_STREAM | Http2Raw.END_HEADERS,
          1,
          client.fields("GET", "/health", "large", "x".repeat(2000)));
      assertThat(client.response(1).status()).hasToString("431");

      AccessLogEntry entry = entry();

      assertThat(answered(entry)).isEqualTo("- - HTTP/2.0 431");
      assertThat(entry.client()).isEqualTo("127.0.0.1");
      assertThat(entry.bytes()).isZero();
    }
    noFurther();
  }

  @Test
  void subjectsAreTold() throws Exception {
    startLogging(entries::add, builder -> builder.authenticator(new Doorman()));
    RawClient.exchange(
        port, RawClient.post("{\"data\":1}", "Authorization: Bearer " + Doorman.CRIER + "\r\n"));
    assertThat(entry().subject()).isEqualTo("crier");
    RawClient.exchange(port, StreamClient.request("channel_id=news"));
    AccessLogEntry unknown = entry();
    assertThat(unknown.subject()).isNull();
    assertThat(unknown.status()).isEqualTo(401);
    assertThat(unknown.closeReason()).isNull();
    StreamClient.listen(port, "channel_id=news", "Authorization: Bearer " + Doorman.READER).close();
    assertThat(entry().subject()).isEqualTo("reader");
    noFurther();
  }

  @Test
  void aClientThatGoesBeforeItsAnswerHasALineWithoutAStatus() throws Exception {
    BlockingQueue<HttpCall> calls = new LinkedBlockingQueue<>();
    startLogging(entries::add, builder -> builder.endpoint("/later", "GET", calls::add));
    RawClient client = RawClient.connect(port);
    client.send("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n");
    HttpCall call = calls.take();
    client.reset();

    AccessLogEntry unanswered = entry();

    assertThat(unanswered.path()).isEqualTo("/later");
    assertThat(unanswered.status()).isZero();
    assertThat(unanswered.closeReason()).isNull();
    call.respond(200, "text/plain", new byte[0]);
    noFurther();
  }

  @Test
  void aStreamThatGoesBeforeItIsKnownWhatItMayHasALineWithoutAStatus() throws Exception {
    assumeTrue(kind == TransportKind.EPOLL, "others do not read, and so do not see the end");
    Doorman doorman = new Doorman();
    startLogging(entries::add, builder -> builder.authenticator(doorman));
    String header = "Authorization: Bearer " + Doorman.LATER + Doorman.READER;
    RawClient stream =
        RawClient.connect(port).send(StreamClient.request("channel_id=news", header));
    await("the stream waits", () -> doorman.waiting() == 1);
    stream.reset();

    AccessLogEntry unanswered = entry();

    assertThat(unanswered.path()).isEqualTo("/sse/connect");
    assertThat(unanswered.status()).isZero();
    doorman.answerAll();
    noFurther();
  }

  @Test
  void aTrustedProxysClientIsTold() throws Exception {
    startLogging(
        entries::add,
        builder ->
            builder.limits(LimitOptions.builder().trustedProxies(List.of("127.0.0.1")).build()));
    String header = "X-Forwarded-For: 198.51.100.9, 192.0.2.7";
    StreamClient.listen(port, "channel_id=news", header).close();
    assertThat(entry().client()).isEqualTo("192.0.2.7");
    RawClient.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n\r\n");
    assertThat(entry().client()).isEqualTo("192.0.2.7");
    noFurther();
  }

  /** The event loop is one, so if the log held it, nothing would be answered. */
  @Test
  void aLogThatHangsHoldsNobodyUpAndWhatIsLostIsCounted() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    AtomicInteger written = new AtomicInteger();
    startLogging(
        entry -> {
          try {
            hanging.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          written.incrementAndGet();
        },
        builder -> builder);
    int requests = AccessLogWriter.CAPACITY + 1000;
    String request = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    try (RawClient client = RawClient.connect(port)) {
      for (int sent = 0; sent < requests; sent += 8) {
        client.send(request.repeat(8));
        for (int i = 0; i < 8; i++) {
          assertThat(client.answer().status()).isEqualTo(200);
        }
      }
    }
    long dropped = gateway.count(TransportCounter.ACCESS_LOG_DROPPED);
    hanging.countDown();
    gateway.close();

    assertThat(dropped).isBetween(998L, 1000L); // one is in the log's hands, or about to be
    assertThat(written.get() + dropped).isEqualTo(requests);
  }

  @Test
  void aLogThatFailsIsToldOfOnceAndGoesOn() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (LoggedLines lines = new LoggedLines()) {
      startLogging(
          entry -> {
            if (calls.incrementAndGet() <= 3) {
              throw new IOException("staged");
            }
            entries.add(entry);
          },
          builder -> builder);
      for (int i = 0; i < 5; i++) {
        RawClient.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      }
      entry();
      entry();
      // it is told when all that waited is out, and the next request may be among that
      await(
          "it goes on",
          () -> {
            RawClient.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            entry();
            return lines.lines().stream().anyMatch(line -> line.contains("again"));
          });
      noFurther();

      assertThat(gateway.count(TransportCounter.ACCESS_LOG_DROPPED)).isEqualTo(3);
      assertThat(lines.lines().stream().filter(line -> line.contains("access log")))
          .hasSize(2)
          .anyMatch(line -> line.contains("staged"))
          .anyMatch(line -> line.contains("again"));
    }
  }
}
