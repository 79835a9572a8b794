package io.ssegateway.benchmarks;

import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Timing;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Reads all that an engine counts, as a scrape of its metrics does, on a thread of its own. */
final class Scraper implements AutoCloseable {
  private final Engine engine;
  private final @Nullable Thread thread;
  private volatile boolean closed;

  /** What was read last, all added up. */
  volatile long sum;

  /**
   * Begins to scrape.
   *
   * @param perSecond how often; 0 for never
   */
  Scraper(Engine engine, int perSecond) {
    this.engine = engine;
    if (perSecond == 0) {
      thread = null;
      return;
    }
    long pauseNs = TimeUnit.SECONDS.toNanos(1) / perSecond;
    thread = new Thread(() -> scrape(pauseNs), "bench-scraper");
    thread.setDaemon(true);
    thread.start();
  }

  private void scrape(long pauseNs) {
    while (!closed) {
      long all = 0;
      for (Counter counter : Counter.values()) {
        all += engine.count(counter);
      }
      for (Timing timing : Timing.values()) {
        all += engine.timing(timing).count();
      }
      sum = all; // so that none of it is left out
      LockSupport.parkNanos(pauseNs);
    }
  }

  @Override
  public void close() {
    closed = true;
    Thread t = thread;
    if (t != null) {
      LockSupport.unpark(t);
    }
  }
}
