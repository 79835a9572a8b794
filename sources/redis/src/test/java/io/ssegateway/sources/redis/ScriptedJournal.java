package io.ssegateway.sources.redis;

import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.engine.journal.Refusal;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * A journal in memory that does what a test needs: waits with its first commit, refuses some
 * appends, and keeps the offsets of sources beyond its life.
 */
final class ScriptedJournal implements Journal {
  private final MemoryJournal memory = new MemoryJournal();
  private final CountDownLatch gate;
  private final Map<String, String> offsets;
  private int toRefuse;

  ScriptedJournal(CountDownLatch gate, Map<String, String> offsets, int toRefuse) {
    this.gate = gate;
    this.offsets = offsets;
    this.toRefuse = toRefuse;
  }

  static ScriptedJournal stuck(CountDownLatch gate) {
    return new ScriptedJournal(gate, new ConcurrentHashMap<>(), 0);
  }

  static ScriptedJournal keeping(Map<String, String> offsets) {
    return new ScriptedJournal(new CountDownLatch(0), offsets, 0);
  }

  static ScriptedJournal refusing(int count) {
    return new ScriptedJournal(new CountDownLatch(0), new ConcurrentHashMap<>(), count);
  }

  @Override
  public String name() {
    return "scripted";
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
    if (toRefuse > 0) {
      toRefuse--;
      entry.refused(Refusal.JOURNAL_FULL, "by the test");
      return;
    }
    memory.append(entry);
    SourceOffset offset = entry.sourceOffset();
    if (offset != null && offset.isPlace()) {
      offsets.put(offset.partition(), offset.offset());
    }
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
  public Map<String, String> sourceOffsets() {
    return offsets;
  }

  @Override
  public void close() {
    memory.close();
  }
}
