/**
 * The gateway's figures as metrics.
 *
 * <pre>
 *   lanes, journal thread ──count──▶ their own counters and buckets ◀──sum── GatewayMetrics ◀── scrape
 * </pre>
 *
 * Nothing is counted here, and nothing is done until somebody asks: every meter reads what the
 * engine counts anyway. {@link io.ssegateway.metrics.GatewayMetrics} binds to any Micrometer
 * registry; {@link io.ssegateway.metrics.PrometheusMetrics} is such a registry with its HTTP
 * handler.
 */
@NullMarked
package io.ssegateway.metrics;

import org.jspecify.annotations.NullMarked;
