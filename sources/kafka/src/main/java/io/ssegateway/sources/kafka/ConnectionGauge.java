package io.ssegateway.sources.kafka;

import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.jspecify.annotations.Nullable;

/**
 * Tells by a client's own metrics whether it has a connection to any broker: the client itself
 * makes connections again without a word. Owned by the source's thread.
 */
final class ConnectionGauge {
  private final @Nullable Metric open;
  private final @Nullable Metric made;
  private boolean connected;
  private double madeWhenLost;

  ConnectionGauge(Map<MetricName, ? extends Metric> metrics) {
    this.open = find(metrics, "connection-count");
    this.made = find(metrics, "connection-creation-total");
  }

  private static @Nullable Metric find(Map<MetricName, ? extends Metric> metrics, String name) {
    for (Map.Entry<MetricName, ? extends Metric> metric : metrics.entrySet()) {
      if (metric.getKey().name().equals(name)
          && metric.getKey().group().equals("consumer-metrics")) {
        return metric.getValue();
      }
    }
    return null;
  }

  /** Whether a connection is there, as of now. A connection that is only tried does not count. */
  boolean isConnected() {
    double made = value(this.made);
    if (connected) {
      if (value(open) == 0) {
        connected = false;
        madeWhenLost = made;
      }
    } else {
      connected = made > madeWhenLost && value(open) > 0;
    }
    return connected;
  }

  private static double value(@Nullable Metric metric) {
    return metric != null && metric.metricValue() instanceof Number number
        ? number.doubleValue()
        : 0;
  }
}
