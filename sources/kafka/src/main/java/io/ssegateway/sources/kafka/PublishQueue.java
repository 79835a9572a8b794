package io.ssegateway.sources.kafka;

import io.ssegateway.engine.EventPublisher;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.engine.support.RateLimitedLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Messages on their way from the consumer into the ring, in order. What the journal refuses for now
 * comes back to the front, so nothing that the broker holds is lost to a full disk.
 *
 * <p>Owned by the source's thread; only {@link Chunk} is called by the journal thread.
 */
final class PublishQueue {
  private static final int MAX_CHUNK = 256;
  private static final long RETRY_REFUSED_NS = TimeUnit.MILLISECONDS.toNanos(200);

  private final EventPublisher publisher;
  private final SourceCounters counters;
  private final RateLimitedLog warnings;
  private final int maxChunk;

  // the source's thread's
  private final ArrayDeque<Message> waiting = new ArrayDeque<>();
  private int chunkSize;
  private long published;
  private boolean blocked;
  private boolean closed;
  private long retryAtNs = System.nanoTime();

  // written by the journal thread
  private final AtomicLong told = new AtomicLong();
  private final ConcurrentLinkedQueue<Message> refused = new ConcurrentLinkedQueue<>();

  PublishQueue(EventPublisher publisher, SourceCounters counters, RateLimitedLog warnings) {
    this.publisher = publisher;
    this.counters = counters;
    this.warnings = warnings;
    this.maxChunk = Math.max(1, Math.min(MAX_CHUNK, publisher.maxBatch() / 4));
    this.chunkSize = maxChunk;
  }

  void add(Message message) {
    waiting.add(message);
  }

  int size() {
    return waiting.size();
  }

  /** Whether the engine takes nothing any more. */
  boolean isClosed() {
    return closed;
  }

  /**
   * Publishes as much as the ring takes.
   *
   * @return true if nothing is left, so that more may be fetched
   */
  boolean drain(long nowNs) {
    if (!takeBackRefused(nowNs)) {
      return false;
    }
    while (!waiting.isEmpty() && !closed) {
      if (!publishChunk()) {
        return false;
      }
    }
    blocked = false;
    return !closed;
  }

  private boolean publishChunk() {
    int count = Math.min(chunkSize, waiting.size());
    List<Message> chunk = new ArrayList<>(count);
    for (Message message : waiting) {
      if (chunk.size() == count) {
        break;
      }
      chunk.add(message);
    }
    switch (publisher.publish(chunk, new Chunk(chunk))) {
      case PUBLISHED -> {
        for (int i = 0; i < count; i++) {
          waiting.remove();
        }
        published += count;
        chunkSize = Math.min(maxChunk, chunkSize * 2);
        return true;
      }
      case BACK_PRESSURED, JOURNAL_UNAVAILABLE -> {
        // One by one from here: many large messages together may never find room.
        chunkSize = 1;
        if (!blocked) {
          blocked = true;
          counters.waits.incrementAndGet();
        }
        return false;
      }
      case TOO_LARGE -> {
        if (count == 1) {
          drop(waiting.remove(), "larger than the engine takes");
        }
        chunkSize = 1;
        return true;
      }
      case CLOSED -> {
        closed = true;
        return false;
      }
    }
    throw new AssertionError("unreachable");
  }

  private void drop(Message message, String why) {
    counters.invalid.incrementAndGet();
    warnings.warn(message + " at " + message.sourceOffset() + " is dropped: " + why);
  }

  /** Puts what was refused back to the front, once it is known of everything what became of it. */
  private boolean takeBackRefused(long nowNs) {
    if (refused.isEmpty()) {
      return nowNs - retryAtNs >= 0;
    }
    if (told.get() < published) {
      return false;
    }
    List<Message> again = new ArrayList<>();
    for (Message message = refused.poll(); message != null; message = refused.poll()) {
      again.add(message);
    }
    for (int i = again.size() - 1; i >= 0; i--) {
      waiting.addFirst(again.get(i));
    }
    retryAtNs = nowNs + RETRY_REFUSED_NS;
    return false;
  }

  /** Hears what became of messages that were published together. Journal thread. */
  private final class Chunk implements PublishListener {
    private final List<Message> messages;

    Chunk(List<Message> messages) {
      this.messages = messages;
    }

    @Override
    public void onJournalled(int index, long position) {
      told.incrementAndGet();
    }

    @Override
    public void onRefused(int index, Refusal refusal, String detail) {
      Message message = messages.get(index);
      if (refusal == Refusal.RECORD_TOO_LARGE) {
        drop(message, detail);
      } else {
        warnings.warn(message + " is offered again, because the journal refused it: " + detail);
        refused.add(message);
      }
      told.incrementAndGet();
    }
  }
}
