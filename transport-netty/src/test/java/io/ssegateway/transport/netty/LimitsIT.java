package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whoever comes over a limit is refused, and counted; whoever is in stays. */
class LimitsIT extends GatewayCase {
  private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final String STATS = "GET /api/stats HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private void start(int maxConnections, LimitOptions limits) throws IOException {
    gateway =
        Gateway.builder()
            .options(
                GatewayOptions.DEFAULTS.toBuilder()
                    .port(0)
                    .transport(kind)
                    .eventLoops(2)
                    .maxConnections(maxConnections)
                    .build())
            .engineOptions(EngineOptions.DEFAULTS)
            .journal(new MemoryJournal())
            .limits(limits)
            .build();
    gateway.start();
    port = gateway.port();
  }

  private static LimitOptions limits(
      int perAddress, int perSecond, LimitOptions.Refusal refusal, String... proxies) {
    return new LimitOptions(perAddress, perSecond, 3, refusal, 60_000, List.of(proxies));
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
}
