package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway behind the proxies of {@code deploy/proxy}, as they are configured there. */
class ProxyIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path directory;

  private static GatewayProcess gateway() throws IOException {
    return GatewayProcess.start(
        "--port=0", "--journal=memory", "--drain=500ms", "--trusted-proxies=127.0.0.1");
  }

  @Test
  void nginxHandsOnWhatComesAndLosesNothing() throws Exception {
    try (GatewayProcess gateway = gateway();
        ReverseProxy proxy = ReverseProxy.nginx(directory, gateway.port())) {
      streamsComeUnbufferedAndEndInOrder(gateway, proxy);
    }
  }

  @Test
  void haproxyHandsOnWhatComesAndLosesNothing() throws Exception {
    try (GatewayProcess gateway = gateway();
        ReverseProxy proxy = ReverseProxy.haproxy(directory, gateway.port())) {
      streamsComeUnbufferedAndEndInOrder(gateway, proxy);
    }
  }

  @Test
  void caddyHandsOnWhatComesAndLosesNothing() throws Exception {
    try (GatewayProcess gateway = gateway();
        ReverseProxy proxy = ReverseProxy.caddy(directory, gateway.port())) {
      streamsComeUnbufferedAndEndInOrder(gateway, proxy);
    }
  }

  private static void publish(GatewayProcess gateway, String data) throws Exception {
    HttpResponse<String> answer =
        Requests.post(gateway.url("/api/send"), "{\"channel_id\":\"a\",\"data\":\"" + data + "\"}");
    assertThat(answer.body()).contains("\"success\":true");
  }

  private static void streamsComeUnbufferedAndEndInOrder(GatewayProcess gateway, ReverseProxy proxy)
      throws Exception {
    String url = proxy.url("/sse/connect?channel_id=a");
    String last;
    try (SseStream stream = SseStream.open(url, "")) {
      for (String data : List.of("one", "two", "three")) {
        publish(gateway, data);
        await().atMost(LIMIT).until(() -> stream.data().contains(data)); // before the next is sent
      }
      last = stream.lastEventId();
    }
    publish(gateway, "missed");

    HttpResponse<String> stranger = Requests.post(proxy.url("/api/send"), "{\"data\":\"x\"}");
    assertThat(stranger.statusCode())
        .as("who comes through the proxy is not this machine itself")
        .isEqualTo(403);

    try (SseStream stream = SseStream.open(url, last)) {
      await().atMost(LIMIT).until(() -> stream.data().equals(List.of("missed")));
      int retryMs = stream.retryMs();
      gateway.terminate();

      assertThat(stream.awaitEnd(LIMIT.toMillis())).isTrue();
      assertThat(stream.retryMs()).as("told anew at the end").isNotEqualTo(retryMs);
      assertThat(gateway.exitCode()).isZero();
    }
  }
}
