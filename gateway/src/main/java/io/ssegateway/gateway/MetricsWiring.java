package io.ssegateway.gateway;

import io.ssegateway.gateway.config.MetricsAccess;
import io.ssegateway.metrics.PrometheusMetrics;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.HttpHandler;
import io.ssegateway.transport.netty.Role;
import org.jspecify.annotations.Nullable;

/**
 * The metrics that a configuration asks for: the path is added before the gateway is built, the
 * figures after it. They live as long as the process.
 */
final class MetricsWiring {
  static final String PATH = "/metrics";
  private static final String METHODS = "GET, HEAD";

  private final @Nullable PrometheusMetrics metrics;

  private MetricsWiring(@Nullable PrometheusMetrics metrics) {
    this.metrics = metrics;
  }

  static MetricsWiring add(MetricsAccess access, Gateway.Builder gateway) {
    if (access == MetricsAccess.OFF) {
      return new MetricsWiring(null);
    }
    PrometheusMetrics metrics = new PrometheusMetrics();
    HttpHandler handler = metrics.handler();
    switch (access) {
      case STATS -> gateway.endpoint(PATH, METHODS, Role.STATS, handler);
      case LOOPBACK -> gateway.endpoint(PATH, METHODS, fromLoopback(handler));
      case OPEN -> gateway.endpoint(PATH, METHODS, handler);
      case OFF -> throw new IllegalStateException("metrics: off"); // answered above
    }
    gateway.describe(PATH, ApiDescription.of("metrics"));
    return new MetricsWiring(metrics);
  }

  private static HttpHandler fromLoopback(HttpHandler handler) {
    return call ->
        call.requireLoopback(
            "metrics are for loopback peers only (setting: metrics)", () -> handler.handle(call));
  }

  void bind(Gateway gateway) {
    PrometheusMetrics bound = metrics;
    if (bound != null) {
      bound.bind(gateway);
    }
  }
}
