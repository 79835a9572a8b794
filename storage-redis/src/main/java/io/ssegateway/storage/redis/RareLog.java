package io.ssegateway.storage.redis;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;

/** Logs one of many like lines: at most one in ten seconds, with the number left out. */
final class RareLog {
  private static final long PERIOD_NS = TimeUnit.SECONDS.toNanos(10);

  private final Logger log;
  private final AtomicLong nextNs = new AtomicLong(System.nanoTime());
  private final AtomicLong leftOut = new AtomicLong();

  RareLog(Logger log) {
    this.log = log;
  }

  void warn(String what) {
    long now = System.nanoTime();
    long next = nextNs.get();
    if (now - next < 0 || !nextNs.compareAndSet(next, now + PERIOD_NS)) {
      leftOut.incrementAndGet();
      return;
    }
    log.warn("journal redis: {} ({} like this not logged before)", what, leftOut.getAndSet(0));
  }
}
