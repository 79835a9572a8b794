package io.ssegateway.engine.support;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/** Logs at most once in an interval and tells how much it kept to itself. Thread-safe. */
public final class RateLimitedLog {
  private final Logger log;
  private final long intervalNs;
  private final LongSupplier nanoTime;
  private final AtomicLong nextAtNs;
  private final AtomicLong suppressed = new AtomicLong();

  /**
   * Creates a limit.
   *
   * @param intervalNs least time in ns between two lines
   * @param nanoTime the time, as {@link System#nanoTime}
   */
  public RateLimitedLog(Logger log, long intervalNs, LongSupplier nanoTime) {
    this.log = log;
    this.intervalNs = intervalNs;
    this.nanoTime = nanoTime;
    this.nextAtNs = new AtomicLong(nanoTime.getAsLong());
  }

  /** Warns, or counts that it did not. */
  public void warn(String what) {
    if (mayLog()) {
      log.warn("{}{}", what, silence());
    }
  }

  /** Logs an error, or counts that it did not. */
  public void error(String what, Throwable e) {
    if (mayLog()) {
      log.error("{}{}", what, silence(), e);
    }
  }

  private boolean mayLog() {
    long now = nanoTime.getAsLong();
    long next = nextAtNs.get();
    if (now - next < 0 || !nextAtNs.compareAndSet(next, now + intervalNs)) {
      suppressed.incrementAndGet();
      return false;
    }
    return true;
  }

  private String silence() {
    long silent = suppressed.getAndSet(0);
    return silent == 0 ? "" : " (" + silent + " more like it since the last warning)";
  }
}
