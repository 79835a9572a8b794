package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.Counter;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import io.ssegateway.transport.netty.testing.TestCertificate;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same over TLS as without. */
class TlsIT extends GatewayCase {
  private static final TestCertificate FIRST = TestCertificate.of("first", "EC");
  private static final TestCertificate SECOND = TestCertificate.of("second", "RSA");
  private static final int RELOAD_MS = 20;

  @TempDir Path directory;

  private Path certificate() {
    return directory.resolve("tls.crt");
  }

  private Path key() {
    return directory.resolve("tls.key");
  }

  private void startTls() throws IOException {
    startTls(o -> o);
  }

  private void startTls(UnaryOperator<GatewayOptions.Builder> options) throws IOException {
    FIRST.write(certificate(), key());
    GatewayOptions.Builder base =
        GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).eventLoops(2);
    gateway =
        Gateway.builder()
            .options(options.apply(base).build())
            .engineOptions(EngineOptions.DEFAULTS)
            .journal(new MemoryJournal(64L * 1024 * 1024, 0))
            .tls(new TlsOptions(certificate(), key(), RELOAD_MS))
            .build();
    gateway.start();
    port = gateway.port();
  }

  private StreamClient stream(TestCertificate trusted, String query, String... protocols)
      throws Exception {
    StreamClient stream =
        new StreamClient(trusted.connect(port, protocols).send(StreamClient.request(query)));
    stream.next();
    return stream;
  }

  @Test
  void streamsAndPublishersAreServedByBothVersionsOfTls() throws Exception {
    startTls();
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      try (StreamClient stream = stream(FIRST, "channel_id=news", version);
          RawClient publisher = FIRST.connect(port, version)) {
        HttpAnswer answer =
            publisher.send(RawClient.post("{\"channel_id\":\"news\",\"data\":\"x\"}", "")).answer();
        String text = version + "x".repeat(100_000);
        gateway.publisher().publish(Message.of("news", text));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(stream.nextEvent().data()).isEqualTo("x");
        assertThat(stream.nextEvent().data()).isEqualTo(text);

        try (StreamClient replayed =
            stream(FIRST, "channel_id=news&last_event_id=" + answer.field("id"), version)) {
          assertThat(replayed.nextEvent().data()).isEqualTo(text);
        }
      }
    }
  }

  @Test
  void whatIsNoTlsIsClosedAndCounted() throws Exception {
    startTls();

    String answer;
    try (RawClient plain = RawClient.connect(port)) {
      answer = plain.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").readToEnd();
    }

    assertThat(answer).doesNotContain("HTTP/1.1 200");
    await("counted", () -> gateway.count(TransportCounter.TLS_FAILURES) == 1);
    assertThatThrownBy(() -> FIRST.connect(port, "TLSv1.1")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> SECOND.connect(port)).isInstanceOf(IOException.class);
  }

  @Test
  void aHandshakeThatDoesNotEndIsEnded() throws Exception {
    startTls(o -> o.headerTimeoutMs(200));
    try (RawClient silent = RawClient.connect(port)) {
      assertThat(silent.send(new byte[] {22, 3, 1, 1, 0}).readToEnd()).doesNotContain("HTTP");
    }
  }

  @Test
  void aNewCertificateIsTakenIntoUseAndABrokenOneIsNot() throws Exception {
    startTls();
    try (StreamClient before = stream(FIRST, "channel_id=news")) {
      Path other = directory.resolve("other.crt");
      Files.writeString(other, "-----BEGIN CERTIFICATE-----\nAAAA\n");
      replace(certificate(), other); // at once: half of a file would count too
      await("seen", () -> gateway.count(TransportCounter.TLS_RELOAD_FAILURES) == 1);
      FIRST.connect(port).close();

      SECOND.write(other, directory.resolve("other.key"));
      replace(certificate(), other);
      await("no pair", () -> gateway.count(TransportCounter.TLS_RELOAD_FAILURES) == 2);
      FIRST.connect(port).close();
      assertThat(gateway.count(TransportCounter.TLS_RELOADS)).isZero();

      replace(key(), directory.resolve("other.key"));
      await("taken", () -> gateway.count(TransportCounter.TLS_RELOADS) == 1);
      try (StreamClient after = stream(SECOND, "channel_id=news")) {
        gateway.publisher().publish(Message.of("news", "to both"));
        assertThat(before.nextEvent().data()).isEqualTo("to both");
        assertThat(after.nextEvent().data()).isEqualTo("to both");
      }
      assertThatThrownBy(() -> FIRST.connect(port)).isInstanceOf(IOException.class);
    }
  }

  private static void replace(Path file, Path by) throws IOException {
    Files.move(by, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void aCertificateThatIsWrongAtTheStartIsAnError() throws Exception {
    SECOND.write(certificate(), directory.resolve("second.key"));
    FIRST.write(directory.resolve("first.crt"), key());
    gateway =
        Gateway.builder().port(0).tls(new TlsOptions(certificate(), key(), RELOAD_MS)).build();

    assertThatThrownBy(() -> gateway.start())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(key().toString())
        .hasMessageContaining("is not that of the certificate");
  }

  @Test
  void aSlowClientFallsBackToTheJournalAndMissesNothing() throws Exception {
    startTls(o -> o.maxPendingBytes(32 * 1024).sendBufferBytes(16 * 1024));
    try (StreamClient slow = stream(FIRST, "channel_id=news")) {
      int sent = 0;
      while (count(Counter.SLOW_TRANSITIONS) == 0) {
        assertThat(sent).as("never fell back").isLessThan(50_000);
        for (int i = 0; i < 20; i++) {
          gateway.publisher().publishOrWait(Message.of("news", sent++ + "x".repeat(900)), null);
        }
      }
      for (int i = 0; i < sent; i++) {
        assertThat(slow.nextEvent().data()).startsWith(i + "x");
      }
      gateway.publisher().publish(Message.of("news", "live"));
      assertThat(slow.nextEvent().data()).isEqualTo("live");
    }
  }

  @Test
  void aDrainEndsStreamsInOrder() throws Exception {
    startTls(o -> o.drainMs(100));
    try (StreamClient stream = stream(FIRST, "channel_id=news")) {
      gateway.publisher().publish(Message.of("news", "last"));
      CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(gateway::drain);

      List<SseBlock> rest = stream.rest();

      assertThat(rest.get(0).data()).isEqualTo("last");
      assertThat(rest.get(rest.size() - 1).retryMs()).isPositive();
      assertThat(drained.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void theJdksClientGetsHttp2ByAlpn() throws Exception {
    startTls();
    HttpClient client = HttpClient.newBuilder().sslContext(FIRST.clientContext()).build();
    URI base = URI.create("https://localhost:" + port);
    HttpResponse<Stream<String>> stream =
        client.send(
            HttpRequest.newBuilder(base.resolve("/sse/connect?channel_id=news")).build(),
            HttpResponse.BodyHandlers.ofLines());
    assertThat(stream.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(stream.headers().firstValue("Content-Type")).contains("text/event-stream");
    assertThat(stream.headers().firstValue("Connection")).isEmpty();

    HttpResponse<String> published =
        client.send(
            HttpRequest.newBuilder(base.resolve("/api/send"))
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"channel_id\":\"news\",\"data\":\"over h2\"}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(published.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(published.statusCode()).as(published.body()).isEqualTo(200);

    try (Stream<String> lines = stream.body()) {
      Iterator<String> line = lines.iterator();
      String text = line.next();
      while (!text.startsWith("data:")) {
        text = line.next();
      }
      assertThat(text).isEqualTo("data: over h2");
    }
    assertThat(gateway.count(TransportCounter.HTTP2_CONNECTIONS)).isEqualTo(1);
  }

  @Test
  void theJdksClientOpensAndEndsAsManyStreamsOfOneConnectionAsItMay() throws Exception {
    int most = 400;
    FIRST.write(certificate(), key());
    gateway =
        Gateway.builder()
            .options(
                GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).eventLoops(2).build())
            .engineOptions(EngineOptions.DEFAULTS)
            .journal(new MemoryJournal(64L * 1024 * 1024, 0))
            .tls(new TlsOptions(certificate(), key(), RELOAD_MS))
            .http2(new Http2Options(most, 20_000, 20_000, 1_000))
            .build();
    gateway.start();
    port = gateway.port();
    HttpClient client = HttpClient.newBuilder().sslContext(FIRST.clientContext()).build();
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("https://localhost:" + port + "/sse/connect?channel_id=news"))
            .build();
    List<HttpResponse<Stream<String>>> streams = new ArrayList<>();
    streams.add(
        client.send(request, HttpResponse.BodyHandlers.ofLines())); // the connection is there
    List<CompletableFuture<HttpResponse<Stream<String>>>> others = new ArrayList<>();
    for (int i = 1; i < most; i++) {
      others.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofLines()));
    }
    for (CompletableFuture<HttpResponse<Stream<String>>> other : others) {
      streams.add(other.get(20, TimeUnit.SECONDS));
    }

    assertThatThrownBy(() -> client.send(request, HttpResponse.BodyHandlers.ofLines()))
        .isInstanceOf(IOException.class)
        .hasMessage("too many concurrent streams");
    gateway.publisher().publish(Message.of("news", "to all"));

    for (HttpResponse<Stream<String>> stream : streams) {
      try (Stream<String> lines = stream.body()) { // closing it resets the stream, and only that
        assertThat(lines.filter(line -> line.startsWith("data:")).findFirst())
            .contains("data: to all");
      }
    }
    assertThat(gateway.count(TransportCounter.HTTP2_CONNECTIONS)).isEqualTo(1);
    assertThat(gateway.count(TransportCounter.HTTP2_VIOLATIONS)).isZero();
  }
}
