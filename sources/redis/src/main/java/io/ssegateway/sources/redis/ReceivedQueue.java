package io.ssegateway.sources.redis;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What was received and is not yet in the ring. Above its marks it stops the reading from Redis,
 * and at half of them it lets it go on; a socket may hand over what it had read already, so it can
 * grow beyond the marks by a read of each socket. At four times the marks it refuses. Thread-safe.
 */
final class ReceivedQueue {
  /**
   * A message as it came.
   *
   * @param receiver names the connection that received it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Received(String redisChannel, byte[] payload, String receiver) {}

  private static final int SLACK_MESSAGES = 131_072;
  private static final int SLACK_BYTES = 8 * 1024 * 1024;

  private final LinkedBlockingQueue<Received> queue = new LinkedBlockingQueue<>();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong stops = new AtomicLong();
  private final int maxMessages;
  private final long maxBytes;
  private final Consumer<Boolean> setReading;
  private volatile boolean stopped;

  ReceivedQueue(int maxMessages, long maxBytes, Consumer<Boolean> setReading) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
    this.setReading = setReading;
  }

  /** Adds; false if there is no room. */
  boolean offer(Received received) {
    if (queue.size() >= maxMessages + SLACK_MESSAGES || bytes.get() >= maxBytes + SLACK_BYTES) {
      return false;
    }
    bytes.addAndGet(received.payload().length);
    queue.add(received);
    if (!stopped && isAboveMarks()) {
      synchronized (this) {
        if (!stopped && isAboveMarks()) {
          stopped = true;
          stops.incrementAndGet();
          setReading.accept(false);
        }
      }
    }
    return true;
  }

  /** Takes the oldest, or null if none came in the time. */
  @Nullable Received poll(long timeoutMs) throws InterruptedException {
    Received received = queue.poll();
    if (received == null) {
      received = queue.poll(timeoutMs, TimeUnit.MILLISECONDS);
    }
    if (received != null) {
      bytes.addAndGet(-received.payload().length);
    }
    if (stopped && isBelowMarks()) {
      synchronized (this) {
        if (stopped && isBelowMarks()) {
          stopped = false;
          setReading.accept(true);
        }
      }
    }
    return received;
  }

  /** A socket that was not there when the reading stopped reads: it stops with the next message. */
  synchronized void onNewSocket() {
    stopped = false;
  }

  private boolean isAboveMarks() {
    return queue.size() >= maxMessages || bytes.get() >= maxBytes;
  }

  private boolean isBelowMarks() {
    return queue.size() <= maxMessages / 2 && bytes.get() <= maxBytes / 2;
  }

  int size() {
    return queue.size();
  }

  /** How often the reading was stopped. */
  long stops() {
    return stops.get();
  }

  boolean isReadingStopped() {
    return stopped;
  }
}
