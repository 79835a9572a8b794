package io.ssegateway.engine.journal;

import io.ssegateway.engine.frame.EventId;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Objects;

/**
 * A journal in memory, bounded by bytes and by age: survives nothing but reconnects. Each start is
 * a new epoch. Threading as {@link Journal} says.
 */
public final class MemoryJournal implements Journal {
  /** Bytes of history unless told otherwise. */
  public static final long DEFAULT_MAX_BYTES = 64L * 1024 * 1024;

  private final EventTail tail;
  private final String epoch;
  private final InstantSource clock;

  // the journal thread's own
  private long lastAppended;

  private volatile long newestPosition;

  /** A journal of {@link #DEFAULT_MAX_BYTES} without a bound on age. */
  public MemoryJournal() {
    this(DEFAULT_MAX_BYTES, 0);
  }

  /**
   * Creates a journal with a random epoch.
   *
   * @param maxBytes bytes of memory for history, {@code > 0}
   * @param maxAgeMs age in ms after which an event is dropped, or 0 for no bound
   */
  public MemoryJournal(long maxBytes, long maxAgeMs) {
    this(maxBytes, maxAgeMs, Epochs.random(), InstantSource.system());
  }

  /** Creates a journal with a given epoch and clock. */
  public MemoryJournal(long maxBytes, long maxAgeMs, String epoch, InstantSource clock) {
    this.tail = new EventTail(maxBytes, maxAgeMs, 0);
    this.epoch = EventId.requireEpoch(epoch);
    this.clock = Objects.requireNonNull(clock);
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String epoch() {
    return epoch;
  }

  @Override
  public long newestPosition() {
    return newestPosition;
  }

  @Override
  public long oldestPosition() {
    return tail.oldestPosition();
  }

  @Override
  public long newestPosition(String channel) {
    return tail.newestPosition(channel);
  }

  @Override
  public long sizeBytes() {
    return tail.sizeBytes();
  }

  @Override
  public long oldestTimeMs() {
    return tail.oldestTimeMs();
  }

  @Override
  public void append(JournalEntry entry) {
    long position = lastAppended + 1;
    tail.append(
        position,
        EventTail.UNKNOWN,
        entry.channel(),
        entry.publishTimeMs(),
        entry.buffer(),
        entry.bodyOffset(),
        entry.bodyLength());
    lastAppended = position;
    entry.journalled(position);
  }

  @Override
  public void commit() {
    newestPosition = lastAppended;
  }

  @Override
  public void maintain() {
    tail.maintain(clock.millis());
  }

  @Override
  public JournalReader open(Collection<String> channels, long after, int maxEvents) {
    return tail.open(channels, after, maxEvents);
  }

  @Override
  public void close() {
    // the memory goes with the object
  }
}
