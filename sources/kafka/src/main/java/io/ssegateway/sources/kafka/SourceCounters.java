package io.ssegateway.sources.kafka;

import io.ssegateway.engine.SourceStats;
import java.util.concurrent.atomic.AtomicLong;

/** What a {@link KafkaSource} counts. Written by its thread; read by any. */
final class SourceCounters {
  final AtomicLong received = new AtomicLong();
  final AtomicLong invalid = new AtomicLong();
  final AtomicLong waits = new AtomicLong();
  final AtomicLong reconnects = new AtomicLong();

  /** Records that retention removed before they were read. */
  final AtomicLong lost = new AtomicLong();

  volatile long lag = -1;

  SourceStats stats() {
    return new SourceStats(
        received.get(), invalid.get(), lost.get(), waits.get(), reconnects.get(), lag);
  }
}
