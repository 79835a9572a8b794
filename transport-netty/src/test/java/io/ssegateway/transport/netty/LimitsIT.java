package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.Counter;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever comes over a limit is refused, and counted; whoever is in stays. */
class LimitsIT extends GatewayCase {
  private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final String STATS = "GET /api/stats HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private void start(int maxConnections, LimitOptions limits) throws IOException {
    start(o -> o.maxConnections(maxConnections), e -> e, limits, null);
  }

  private void start(
      UnaryOperator<GatewayOptions.Builder> options,
      UnaryOperator<EngineOptions.Builder> engine,
      LimitOptions limits,
      Doorman doorman)
      throws IOException {
    GatewayOptions.Builder base =
        GatewayOptions.DEFAULTS.toBuilder().port(0).transport(kind).eventLoops(2);
    Gateway.Builder builder =
        Gateway.builder()
            .options(options.apply(base).build())
            .engineOptions(engine.apply(EngineOptions.DEFAULTS.toBuilder()).build())
            .journal(new MemoryJournal())
            .limits(limits);
    if (doorman != null) {
      builder.authenticator(doorman);
    }
    gateway = builder.build();
    gateway.start();
    port = gateway.port();
  }

  private static LimitOptions limits(
      int perAddress, int perSecond, LimitOptions.Refusal refusal, String... proxies) {
    return LimitOptions.builder()
        .maxStreamsPerAddress(perAddress)
        .requestRate(perSecond, 3)
        .refusal(refusal)
        .refusalRetryMs(60_000)
        .trustedProxies(List.of(proxies))
        .build();
  }

  private HttpAnswer ask(String... headers) throws IOException {
    return RawClient.exchange(port, StreamClient.request("channel_id=a", headers));
  }

  @Test
  void aStreamOverTheLimitOfAnAddressIsRefusedUntilOneEnds() throws Exception {
    start(0, limits(2, 0, LimitOptions.Refusal.TOO_MANY));
    try (StreamClient first = StreamClient.listen(port, "channel_id=a")) {
      try (StreamClient second = StreamClient.listen(port, "channel_id=a")) {
        HttpAnswer refused = ask();
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).isEqualTo("1");
        assertThat(refused.field("detail")).contains("2 are open from this address");
        assertThat(gateway.count(TransportCounter.REFUSED_ADDRESS)).isEqualTo(1);
        assertThat(second.head().status()).isEqualTo(200);
      }
      await("one ended", () -> gateway.engine().subscribers().total() == 1);
      await("its place is free", () -> ask("Connection: close", "X: y").status() == 200);
      assertThat(first.head().status()).isEqualTo(200);
    }
  }

  @Test
  void aRefusedStreamCanBeToldWhenToComeBack() throws Exception {
    start(1, limits(0, 0, LimitOptions.Refusal.RETRY));
    try (StreamClient in = StreamClient.listen(port, "channel_id=a");
        RawClient out = RawClient.connect(port)) {
      HttpAnswer refused = out.send(StreamClient.request("channel_id=a")).answer();

      assertThat(refused.status()).isEqualTo(200);
      assertThat(refused.header("Content-Type")).isEqualTo("text/event-stream");
      assertThat(refused.body()).matches("retry: \\d+\n\n");
      assertThat(Integer.parseInt(refused.body().substring(7).strip())).isBetween(30_000, 90_000);
      assertThat(out.readToEnd()).isEmpty();
      assertThat(gateway.count(TransportCounter.REFUSED_STREAMS)).isEqualTo(1);
      assertThat(in.head().status()).isEqualTo(200);
    }
  }

  @Test
  void clientsOfATrustedProxyAreCountedByTheirOwnAddresses() throws Exception {
    start(0, limits(1, 0, LimitOptions.Refusal.UNAVAILABLE, "127.0.0.0/8"));
    try (StreamClient one =
            StreamClient.listen(port, "channel_id=a", "X-Forwarded-For: 192.0.2.1");
        StreamClient other =
            StreamClient.listen(port, "channel_id=a", "X-Forwarded-For: 1.2.3.4, 192.0.2.2")) {
      assertThat(ask("X-Forwarded-For: 192.0.2.1").status()).isEqualTo(503);
      assertThat(ask("X-Forwarded-For: 192.0.2.1, 192.0.2.2").status()).isEqualTo(503);
      assertThat(one.head().status()).isEqualTo(other.head().status());
    }
  }

  @Test
  void requestsOverTheRateAreRefusedAndHealthIsNot() throws Exception {
    start(0, limits(0, 1, LimitOptions.Refusal.UNAVAILABLE));
    int refused = 0;
    for (int i = 0; i < 6; i++) {
      refused += RawClient.exchange(port, STATS).status() == 429 ? 1 : 0;
    }
    assertThat(refused).isBetween(1, 3);
    assertThat(gateway.count(TransportCounter.REFUSED_RATE)).isEqualTo(refused);
    for (int i = 0; i < 6; i++) {
      assertThat(RawClient.exchange(port, HEALTH).status()).isEqualTo(200);
    }
  }

  private static String bearer(String token) {
    return "Authorization: Bearer " + token;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", Doorman.LATER})
  void aStreamOverTheLimitOfASubjectIsRefusedWhereverItComesFrom(String when) throws Exception {
    Doorman doorman = new Doorman();
    start(o -> o, e -> e, LimitOptions.builder().maxStreamsPerSubject(1).build(), doorman);
    String later = doorman.tokenUntil(Instant.now().plusSeconds(600));
    try (StreamClient reader =
            StreamClient.listen(port, "channel_id=news", bearer(Doorman.READER));
        StreamClient other = StreamClient.listen(port, "channel_id=news", bearer(later));
        RawClient refused = RawClient.connect(port)) {
      refused.send(StreamClient.request("channel_id=news", bearer(when + Doorman.READER)));
      if (!when.isEmpty()) {
        await("it waits", () -> doorman.waiting() == 1);
        doorman.answerAll();
      }

      HttpAnswer answer = refused.answer();

      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.field("detail")).contains("1 are open of this subject");
      assertThat(gateway.count(TransportCounter.REFUSED_SUBJECT)).isEqualTo(1);
      assertThat(reader.head().status()).isEqualTo(other.head().status());
    }
    await("both have ended", () -> gateway.engine().subscribers().total() == 0);
    await(
        "the place is free",
        () ->
            RawClient.exchange(
                        port,
                        StreamClient.request(
                            "channel_id=news", bearer(Doorman.READER), "X-Ordinary: 1"))
                    .status()
                == 200);
  }

  @Test
  void aRefusedSubjectCanBeToldWhenToComeBack() throws Exception {
    start(
        o -> o,
        e -> e,
        LimitOptions.builder().maxStreamsPerSubject(1).refusal(LimitOptions.Refusal.RETRY).build(),
        new Doorman());
    try (StreamClient in = StreamClient.listen(port, "channel_id=news", bearer(Doorman.READER));
        RawClient out = RawClient.connect(port)) {
      out.send(StreamClient.request("channel_id=news", bearer(Doorman.READER)));

      assertThat(out.answer().body()).matches("retry: \\d+\n\n");
      assertThat(out.readToEnd()).isEmpty();
      assertThat(gateway.count(TransportCounter.REFUSED_SUBJECT)).isEqualTo(1);
      assertThat(in.head().status()).isEqualTo(200);
    }
  }

  @Test
  void whoPublishesTooMuchIsRefusedAndOthersAreNot() throws Exception {
    start(o -> o, e -> e, LimitOptions.builder().messageRate(1, 3).build(), new Doorman());
    String batch =
        "["
            + "{\"channel_id\":\"user.1\",\"data\":1},".repeat(9)
            + "{\"channel_id\":\"user.1\",\"data\":1}]";
    String one = "{\"channel_id\":\"user.1\",\"data\":1}";
    String writer = bearer(Doorman.WRITER) + "\r\n";

    HttpAnswer taken = RawClient.exchange(port, RawClient.post(batch, writer));
    HttpAnswer refused = RawClient.exchange(port, RawClient.post(one, writer));
    HttpAnswer other =
        RawClient.exchange(port, RawClient.post(one, bearer(Doorman.CRIER) + "\r\n"));

    assertThat(taken.status()).as(taken.body()).isEqualTo(200);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.header("Retry-After")).isEqualTo("1");
    assertThat(refused.field("detail")).contains("more than 1 a second", "nothing was published");
    assertThat(other.status()).isEqualTo(200);
    assertThat(gateway.count(TransportCounter.REFUSED_PUBLISH_RATE)).isEqualTo(1);
    assertThat(gateway.engine().count(Counter.PUBLISHED)).isEqualTo(11);
  }

  @Test
  void whateverIsTooLargeOrTooLateIsCounted() throws Exception {
    start(
        o ->
            o.maxChannelsPerConnection(2)
                .maxHeaderBytes(2048)
                .maxRequestBytes(4096)
                .headerTimeoutMs(200),
        e -> e.maxPayloadBytes(1024),
        LimitOptions.DEFAULTS,
        null);
    String channels = "channel_id=a&channel_id=b&channel_id=c";
    assertThat(RawClient.exchange(port, StreamClient.request(channels)).status()).isEqualTo(400);
    String longName = "channel_id=" + "n".repeat(600);
    assertThat(RawClient.exchange(port, StreamClient.request(longName)).status()).isEqualTo(400);
    assertThat(ask("X-Long: " + "x".repeat(3000)).status()).isEqualTo(431);
    assertThat(RawClient.exchange(port, StreamClient.request("x".repeat(3000))).status())
        .isEqualTo(414);
    String large = "{\"data\":\"" + "x".repeat(2000) + "\"}";
    assertThat(RawClient.publish(port, large).status()).isEqualTo(413);
    assertThat(RawClient.publish(port, large + " ".repeat(4096)).status()).isEqualTo(413);
    assertThat(RawClient.publish(port, "{\"data\":").status()).isEqualTo(400);
    try (RawClient silent = RawClient.connect(port);
        RawClient half = RawClient.connect(port)) {
      half.send("GET /health HTTP/1.1\r\nHost: ");
      assertThat(silent.answer().status()).isEqualTo(408);
      assertThat(half.answer().status()).isEqualTo(408);
    }

    assertThat(gateway.count(TransportCounter.REFUSED_CHANNELS)).isEqualTo(1);
    assertThat(gateway.count(TransportCounter.REFUSED_NAMES)).isEqualTo(1);
    assertThat(gateway.count(TransportCounter.REFUSED_HEADERS)).isEqualTo(2);
    assertThat(gateway.count(TransportCounter.REFUSED_SIZE)).isEqualTo(2);
    assertThat(gateway.count(TransportCounter.REFUSED_MESSAGES)).isEqualTo(1);
    assertThat(gateway.count(TransportCounter.REFUSED_LATE)).isEqualTo(2);
    HttpAnswer stats = RawClient.exchange(port, STATS);
    assertThat(stats.body()).contains("\"transport_counters\":{", "\"refused_late\":2");
  }

  @Test
  void streamsThatOweTooMuchTogetherAreHeldBackAndNewcomersRefused() throws Exception {
    start(
        o -> o.sendBufferBytes(8 * 1024).maxPendingBytes(1 << 20),
        e -> e.heartbeatMs(80),
        LimitOptions.builder().maxTotalPendingBytes(32 * 1024).build(),
        null);
    try (StreamClient slow =
        new StreamClient(
            RawClient.connect(port, 4096).send(StreamClient.request("channel_id=a")))) {
      slow.next();
      int sent = 0;
      while (gateway.engine().pendingBytes() <= 32 * 1024 && sent < 100_000) {
        gateway.publisher().publishOrWait(Message.of("a", sent++ + "x".repeat(500)), null);
      }
      await("noticed", () -> gateway.count(TransportCounter.PENDING_LIMITED) > 0);

      HttpAnswer refused = ask();
      gateway.publisher().publish(Message.of("a", sent++ + "x".repeat(500)));

      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.field("detail")).contains("owe more than 32768 bytes");
      assertThat(gateway.count(TransportCounter.REFUSED_PENDING)).isEqualTo(1);
      await("held back", () -> count(Counter.SLOW_TRANSITIONS) == 1);
      for (int i = 0; i < sent; i++) {
        assertThat(slow.nextEvent().data()).startsWith(i + "x");
      }
    }
    await("room again", () -> gateway.engine().pendingBytes() == 0);
    try (StreamClient again = StreamClient.listen(port, "channel_id=a")) {
      assertThat(again.head().status()).isEqualTo(200);
    }
  }

  @Test
  void onlyTheHeaderThatIsConfiguredIsBelievedAndStatsTellTheClient() throws Exception {
    start(
        o -> o,
        e -> e,
        LimitOptions.builder()
            .maxStreamsPerAddress(1)
            .trustedProxies(List.of("127.0.0.1"))
            .forwardedHeader(LimitOptions.ForwardedHeader.FORWARDED)
            .build(),
        null);
    String forwarded = "Forwarded: for=192.0.2.1;proto=https, for=\"[2001:db8::7]:4711\"";
    try (StreamClient lean = StreamClient.listen(port, "channel_id=a", forwarded);
        StreamClient ordinary =
            new StreamClient(
                RawClient.connect(port)
                    .send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
                    .send(StreamClient.request("channel_id=a", "Forwarded: For=192.0.2.8"))
                    .skipAnswer())) {
      ordinary.next();
      assertThat(ask("X-Forwarded-For: 192.0.2.9", forwarded).status()).isEqualTo(503);

      String stats = RawClient.exchange(port, STATS).body();

      assertThat(stats)
          .contains("\"remote_address\":\"2001:db8::7\"", "\"remote_address\":\"192.0.2.8\"");
      assertThat(lean.head().status()).isEqualTo(200);
    }
  }
}
