package io.ssegateway.metrics;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.TimeHistogram;
import io.ssegateway.engine.Timing;

/**
 * A timing of the engine as a histogram of Prometheus. Its bounds are powers of two of a µs, at
 * which the engine's own buckets can be cut exactly. Thread-safe.
 */
final class TimingHistogram implements Collector {
  private static final int FIRST_EXPONENT = 6; // 64 µs
  private static final int LAST_EXPONENT = 25; // 34 s

  private final Engine engine;
  private final Timing timing;
  private final String name;
  private final String description;

  TimingHistogram(Engine engine, Timing timing, String description) {
    this.engine = engine;
    this.timing = timing;
    this.name = "sse_gateway_" + timing.label() + "_seconds";
    this.description = description;
  }

  @Override
  public MetricSnapshot collect() {
    TimeHistogram histogram = engine.timing(timing);
    int finite = LAST_EXPONENT - FIRST_EXPONENT + 1;
    double[] bounds = new double[finite + 1];
    long[] counts = new long[finite + 1];
    long below = 0;
    for (int i = 0; i < finite; i++) {
      long us = 1L << (FIRST_EXPONENT + i);
      bounds[i] = us / 1e6;
      long now = histogram.countBelowUs(us);
      counts[i] = now - below;
      below = now;
    }
    bounds[finite] = Double.POSITIVE_INFINITY;
    counts[finite] = histogram.count() - below;
    return HistogramSnapshot.builder()
        .name(name)
        .help(description)
        .dataPoint(
            HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, counts))
                .sum(histogram.sumNs() / 1e9)
                .build())
        .build();
  }
}
