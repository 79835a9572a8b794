package io.ssegateway.gateway;

import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.gateway.config.NetworkSettings;
import io.ssegateway.transport.netty.CompressionOptions;
import io.ssegateway.transport.netty.CompressionOptions.Coding;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.Http2Options;
import io.ssegateway.transport.netty.LimitOptions;
import io.ssegateway.transport.netty.TlsOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells the gateway what its configuration says of the network. Stateless. */
final class NetworkWiring {
  private NetworkWiring() {}

  /**
   * Sets what is configured.
   *
   * @throws ConfigurationException if settings do not fit each other
   */
  static void configure(Configuration configuration, Gateway.Builder gateway) {
    gateway.http2(http2(configuration));
    gateway.limits(limits(configuration));
    gateway.compression(compression(configuration));
    TlsOptions tls = tls(configuration);
    if (tls != null) {
      gateway.tls(tls);
    }
  }

  static Http2Options http2(Configuration configuration) {
    int pingMs = configuration.get(NetworkSettings.HTTP2_PING);
    return new Http2Options(
        configuration.get(NetworkSettings.HTTP2_MAX_STREAMS),
        pingMs,
        pingMs,
        Http2Options.DEFAULTS.maxControlFrames());
  }

  static LimitOptions limits(Configuration configuration) {
    return LimitOptions.builder()
        .maxStreamsPerAddress(configuration.get(NetworkSettings.MAX_STREAMS_PER_ADDRESS))
        .maxStreamsPerSubject(configuration.get(NetworkSettings.MAX_STREAMS_PER_SUBJECT))
        .requestRate(
            configuration.get(NetworkSettings.REQUEST_RATE),
            configuration.get(NetworkSettings.REQUEST_BURST))
        .messageRate(
            configuration.get(NetworkSettings.PUBLISH_RATE),
            configuration.get(NetworkSettings.PUBLISH_BURST))
        .maxTotalPendingBytes(configuration.get(NetworkSettings.MAX_TOTAL_PENDING))
        .refusal(configuration.get(NetworkSettings.REFUSAL))
        .refusalRetryMs(configuration.get(NetworkSettings.REFUSAL_RETRY))
        .trustedProxies(configuration.get(NetworkSettings.TRUSTED_PROXIES))
        .forwardedHeader(configuration.get(NetworkSettings.FORWARDED_HEADER))
        .proxyProtocol(proxyProtocol(configuration))
        .build();
  }

  /** Null without TLS. */
  static @Nullable TlsOptions tls(Configuration configuration) {
    String certificate = configuration.get(NetworkSettings.TLS_CERTIFICATE);
    String key = configuration.get(NetworkSettings.TLS_KEY);
    if (certificate.isEmpty() != key.isEmpty()) {
      throw new ConfigurationException(
          (key.isEmpty() ? "tls-key" : "tls-certificate")
              + ": missing (expected: both tls-certificate and tls-key, or neither)");
    }
    return certificate.isEmpty()
        ? null
        : new TlsOptions(
            Path.of(certificate), Path.of(key), configuration.get(NetworkSettings.TLS_RELOAD));
  }

  static CompressionOptions compression(Configuration configuration) {
    Set<Coding> codings = EnumSet.noneOf(Coding.class);
    for (String name : configuration.get(NetworkSettings.COMPRESSION)) {
      codings.add(
          Arrays.stream(Coding.values())
              .filter(coding -> coding.token().equals(name))
              .findAny()
              .orElseThrow(
                  () ->
                      new ConfigurationException(
                          "compression: " + name + " (expected: gzip, zstd or both)")));
    }
    int minBytes = Math.toIntExact(configuration.get(NetworkSettings.COMPRESSION_MIN));
    try {
      return new CompressionOptions(codings, minBytes);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("compression: " + e.getMessage());
    }
  }

  private static boolean proxyProtocol(Configuration configuration) {
    boolean required = configuration.get(NetworkSettings.PROXY_PROTOCOL);
    if (required && configuration.get(NetworkSettings.TRUSTED_PROXIES).isEmpty()) {
      throw new ConfigurationException(
          "trusted-proxies: missing (expected: those who speak the PROXY protocol, since"
              + " proxy-protocol is true)");
    }
    return required;
  }
}
