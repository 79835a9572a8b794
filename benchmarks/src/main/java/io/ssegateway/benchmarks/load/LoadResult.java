package io.ssegateway.benchmarks.load;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What came of a load.
 *
 * @param server its name
 * @param row the load
 * @param expected deliveries that were due in the time measured
 * @param delivered of them, those that came
 * @param missing events that were jumped over without a word in any stream at any time
 * @param told events that were jumped over after the server had said so
 * @param doubled events that came again, or behind a later one
 * @param closed streams that the server ended
 * @param refusal the first publish that was not taken, or null
 * @param cpuUs processor time of the server for a delivery, in us, or NaN if it is not known
 * @param residentKb of the server at the end of the load
 * @param seconds from the first event measured to the last delivery
 * @param latencies from when an event was due to when it was read, in ns
 */
record LoadResult(
    String server,
    Row row,
    long expected,
    long delivered,
    long missing,
    long told,
    long doubled,
    long closed,
    @Nullable String refusal,
    double cpuUs,
    long residentKb,
    double seconds,
    Histogram latencies) {

  double latencyMs(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }

  /** Deliveries that are wrong or did not come. */
  long faults() {
    return Math.max(0, expected - delivered) + missing + doubled + closed;
  }

  double deliveriesPerSecond() {
    return delivered / seconds;
  }
}
