package io.ssegateway.sources.redis;

import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.MemoryJournal;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;

/** A journal in memory whose first commit waits for the test. */
final class StuckJournal implements Journal {
  private final MemoryJournal memory = new MemoryJournal();
  private final CountDownLatch gate;

  StuckJournal(CountDownLatch gate) {
    this.gate = gate;
  }

  @Override
  public String name() {
    return "stuck";
  }

  @Override
  public String epoch() {
    return memory.epoch();
  }

  @Override
  public long newestPosition() {
    return memory.newestPosition();
  }

  @Override
  public long oldestPosition() {
    return memory.oldestPosition();
  }

  @Override
  public long sizeBytes() {
    return memory.sizeBytes();
  }

  @Override
  public void append(JournalEntry entry) {
    memory.append(entry);
  }

  @Override
  public void commit() {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    memory.commit();
  }

  @Override
  public JournalReader open(Collection<String> channels, long after, int maxEvents) {
    return memory.open(channels, after, maxEvents);
  }

  @Override
  public void close() {
    memory.close();
  }
}
