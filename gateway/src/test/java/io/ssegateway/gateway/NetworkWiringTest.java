package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.transport.netty.CompressionOptions;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.Http2Options;
import io.ssegateway.transport.netty.LimitOptions;
import io.ssegateway.transport.netty.TlsOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each setting of the network reaches the option that it is of, and no other. */
class NetworkWiringTest {
  private static void assertRefused(String message, String... settings) {
    Configuration configuration = Configurations.of(settings);
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> NetworkWiring.configure(configuration, Gateway.builder()))
        .withMessageContaining(message);
  }

  @Test
  void withoutSettingsTheDefaultsAreThoseOfTheTransport() {
    Configuration none = Configurations.of();
    assertThat(NetworkWiring.http2(none)).isEqualTo(Http2Options.DEFAULTS);
    assertThat(NetworkWiring.limits(none)).isEqualTo(LimitOptions.DEFAULTS);
    assertThat(NetworkWiring.compression(none)).isEqualTo(CompressionOptions.DEFAULTS);
    assertThat(NetworkWiring.tls(none)).isNull();
  }

  @Test
  void http2() {
    assertThat(NetworkWiring.http2(Configurations.of("http2-max-streams=7", "http2-ping=3s")))
        .isEqualTo(new Http2Options(7, 3_000, 3_000, Http2Options.DEFAULTS.maxControlFrames()));
  }

  @Test
  void limitsAndProxies() {
    assertThat(
            NetworkWiring.limits(
                Configurations.of(
                    "max-streams-per-address=1",
                    "max-streams-per-subject=2",
                    "request-rate=3",
                    "request-burst=4",
                    "publish-rate=5",
                    "publish-burst=6",
                    "max-total-pending=7KiB",
                    "refusal=retry",
                    "refusal-retry=8s",
                    "trusted-proxies=10.0.0.0/8, 2001:db8::/32",
                    "forwarded-header=forwarded",
                    "proxy-protocol=true")))
        .isEqualTo(
            new LimitOptions(
                1,
                2,
                3,
                4,
                5,
                6,
                7 * 1024,
                LimitOptions.Refusal.RETRY,
                8_000,
                List.of("10.0.0.0/8", "2001:db8::/32"),
                LimitOptions.ForwardedHeader.FORWARDED,
                true));
  }

  @Test
  void proxiesHaveToBeAddressesAndTheProtocolHasToBeSomebodys() {
    assertRefused("trusted-proxies: missing", "proxy-protocol=true");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NetworkWiring.limits(Configurations.of("trusted-proxies=proxy.example")))
        .withMessageContaining("trusted proxy: \"proxy.example\"");
  }

  @Test
  void compression() {
    assertThat(NetworkWiring.compression(Configurations.of("compression=gzip")))
        .isEqualTo(new CompressionOptions(Set.of(CompressionOptions.Coding.GZIP), 256));
    assertThat(
            NetworkWiring.compression(
                Configurations.of("compression=zstd,gzip", "compression-min=1KiB")))
        .isEqualTo(
            new CompressionOptions(
                Set.of(CompressionOptions.Coding.GZIP, CompressionOptions.Coding.ZSTD), 1024));
    assertRefused("compression: br (expected: gzip, zstd or both)", "compression=gzip,br");
  }

  @Test
  void tlsNeedsBothFiles() {
    assertThat(
            NetworkWiring.tls(Configurations.of("tls-certificate=a", "tls-key=b", "tls-reload=1m")))
        .isEqualTo(new TlsOptions(Path.of("a"), Path.of("b"), 60_000));
    assertRefused("tls-key: missing", "tls-certificate=a");
    assertRefused("tls-certificate: missing", "tls-key=b");
  }
}
