package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.gateway.config.MetricsAccess;
import io.ssegateway.transport.netty.Gateway;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is told the metrics. A peer that a proxy speaks for is not of this machine. */
class MetricsWiringTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @ParameterizedTest
  @CsvSource({"STATS, 200, 403", "LOOPBACK, 200, 403", "OPEN, 200, 200", "OFF, 404, 404"})
  void theSettingTellsWhoMayRead(MetricsAccess access, int fromHere, int fromElsewhere)
      throws Exception {
    Gateway.Builder builder = Gateway.builder().port(0);
    MetricsWiring metrics = MetricsWiring.add(access, builder);
    try (Gateway gateway = builder.build()) {
      metrics.bind(gateway);
      gateway.start();

      HttpResponse<String> here = get(gateway, "Accept", "text/plain");
      assertThat(here.statusCode()).isEqualTo(fromHere);
      if (fromHere == 200) {
        assertThat(here.body()).contains("sse_gateway_ready 1");
      }
      assertThat(get(gateway, "X-Forwarded-For", "192.0.2.7").statusCode())
          .isEqualTo(fromElsewhere);
      assertThat(get(gateway, "Origin", "https://evil.example").statusCode())
          .as("a foreign page in a browser of this machine")
          .isEqualTo(fromElsewhere);
    }
  }

  private static HttpResponse<String> get(Gateway gateway, String header, String value)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + gateway.port() + "/metrics");
    HttpRequest request = HttpRequest.newBuilder(uri).header(header, value).build();
    return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
