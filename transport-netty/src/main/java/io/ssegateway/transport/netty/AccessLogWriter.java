package io.ssegateway.transport.netty;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries entries from the event loops to the access log, so that no event loop waits for a disk: a
 * bounded queue, and a thread that writes. Thread-safe.
 */
final class AccessLogWriter implements AutoCloseable {
  /** Entries that may wait; each is bounded, too (see {@link AccessRecord}). */
  static final int CAPACITY = 8192;

  private static final Logger LOG = LoggerFactory.getLogger(AccessLogWriter.class);

  private final AccessLog log;
  private final TransportCounters counters;
  private final ManyToOneConcurrentArrayQueue<AccessLogEntry> queue =
      new ManyToOneConcurrentArrayQueue<>(CAPACITY);
  private final Thread thread =
      new DefaultThreadFactory("sse-access-log", true).newThread(this::run);
  private volatile boolean parked;
  private volatile boolean closed;

  // the thread's
  private boolean failing;

  private boolean failedSinceFlush;

  AccessLogWriter(AccessLog log, TransportCounters counters) {
    this.log = log;
    this.counters = counters;
  }

  void start() {
    thread.start();
  }

  /** Hands an entry over, or drops it. Never waits. */
  void offer(AccessLogEntry entry) {
    if (!queue.offer(entry)) {
      counters.add(TransportCounter.ACCESS_LOG_DROPPED);
    } else if (parked) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    boolean unflushed = false;
    while (true) {
      AccessLogEntry entry = queue.poll();
      if (entry != null) {
        write(entry);
        unflushed = true;
      } else if (unflushed) {
        flush();
        unflushed = false;
      } else if (closed) {
        return;
      } else {
        parked = true;
        if (queue.isEmpty() && !closed) {
          LockSupport.park(this);
        }
        parked = false;
      }
    }
  }

  private void write(AccessLogEntry entry) {
    try {
      log.write(entry);
    } catch (IOException | RuntimeException e) {
      counters.add(TransportCounter.ACCESS_LOG_DROPPED);
      failed(e);
    }
  }

  /** What was buffered is out only now, so that this tells whether writing works. */
  private void flush() {
    try {
      log.flush();
      if (failing && !failedSinceFlush) {
        failing = false;
        LOG.info("the access log can be written again");
      }
      failedSinceFlush = false;
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  private void failed(Exception e) {
    failedSinceFlush = true;
    if (!failing) {
      failing = true;
      LOG.warn("the access log cannot be written, lines are lost and counted: {}", e.toString());
    }
  }

  /** Writes what waits, and closes the log. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
      log.close();
    } catch (IOException e) {
      LOG.warn("the access log could not be closed: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
