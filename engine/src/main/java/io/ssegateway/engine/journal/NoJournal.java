package io.ssegateway.engine.journal;

import java.util.Collection;

/**
 * A journal that keeps nothing: events only get their place in the order. Whoever missed something
 * is told that it is gone. Each start is a new epoch.
 */
public final class NoJournal implements Journal {
  private final String epoch = Epochs.random();
  private long lastAppended; // the journal thread's own
  private volatile long newestPosition;

  @Override
  public String name() {
    return "none";
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
    return 0;
  }

  @Override
  public long sizeBytes() {
    return 0;
  }

  @Override
  public void append(JournalEntry entry) {
    entry.journalled(++lastAppended);
  }

  @Override
  public void commit() {
    newestPosition = lastAppended;
  }

  @Override
  public JournalReader open(Collection<String> channels, long after, int maxEvents) {
    return new JournalReader() {
      private long told = after;

      @Override
      public boolean read(long upTo, ReplaySink sink) {
        if (upTo > told) {
          if (!sink.onGap(GapReason.EXPIRED, upTo)) {
            return false;
          }
          told = upTo;
        }
        return true;
      }

      @Override
      public void close() {
        // holds nothing
      }
    };
  }

  @Override
  public void close() {
    // holds nothing
  }
}
