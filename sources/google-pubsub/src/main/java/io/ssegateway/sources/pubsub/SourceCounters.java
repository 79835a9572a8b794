package io.ssegateway.sources.pubsub;

import io.ssegateway.engine.SourceStats;
import java.util.concurrent.atomic.AtomicLong;

/** What a {@link GooglePubSubSource} counts. Thread-safe. */
final class SourceCounters {
  final AtomicLong received = new AtomicLong();
  final AtomicLong invalid = new AtomicLong();
  final AtomicLong waits = new AtomicLong();
  final AtomicLong reconnects = new AtomicLong();

  /** Messages that came again after they were journalled, and were only acknowledged. */
  final AtomicLong duplicates = new AtomicLong();

  SourceStats stats() {
    return new SourceStats(received.get(), invalid.get(), 0, waits.get(), reconnects.get(), -1);
  }
}
