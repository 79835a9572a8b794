package io.ssegateway.engine.testing;

import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.engine.journal.Refusal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A journal in memory that does what a test stages: refuses events, lets commits wait. It survives
 * the engine that it is given to, as a durable one would, keeps the sources' offsets, and remembers
 * what was committed. Thread-safe.
 */
public final class StagedJournal implements Journal {
  /** An event as it was committed; channel, id and offset may be null. */
  public record Event(String channel, String type, String id, String data, SourceOffset offset) {}

  private final MemoryJournal memory = new MemoryJournal();
  private final Map<String, String> offsets = new ConcurrentHashMap<>();
  private final List<Event> batch = new ArrayList<>();
  private final List<Event> committed = new ArrayList<>();
  private Refusal refusal = Refusal.JOURNAL_FAILED;
  private int toRefuse;
  private volatile boolean stuck;

  /** Refuses the next events. */
  public synchronized void refuse(int events, Refusal how) {
    toRefuse = events;
    refusal = how;
  }

  /** Lets commits wait from now on, or no more. */
  public void setStuck(boolean isStuck) {
    stuck = isStuck;
  }

  /** How many events are still to be refused. */
  public synchronized int leftToRefuse() {
    return toRefuse;
  }

  @Override
  public String name() {
    return "staged";
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
    Refusal how = nextRefusal();
    if (how != null) {
      entry.refused(how, "staged");
      return;
    }
    memory.append(entry);
    batch.add(
        new Event(
            entry.channel(),
            entry.type(),
            entry.publisherId(),
            entry.buffer().getStringWithoutLengthUtf8(entry.payloadOffset(), entry.payloadLength()),
            entry.sourceOffset()));
  }

  private synchronized Refusal nextRefusal() {
    if (toRefuse == 0) {
      return null;
    }
    toRefuse--;
    return refusal;
  }

  @Override
  public void commit() {
    while (stuck) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    memory.commit();
    synchronized (committed) {
      for (Event event : batch) {
        if (event.offset != null && event.offset.isPlace()) {
          offsets.put(event.offset.partition(), event.offset.offset());
        }
        committed.add(event);
      }
    }
    batch.clear();
  }

  /** The committed events, without those of channels that a source keeps for itself ({@code $}). */
  public List<Event> events() {
    synchronized (committed) {
      return committed.stream()
          .filter(event -> event.channel == null || !event.channel.startsWith("$"))
          .toList();
    }
  }

  /** How many events were committed; see {@link #events}. */
  public int size() {
    return events().size();
  }

  /** The data of the committed events; see {@link #events}. */
  public List<String> data() {
    return events().stream().map(Event::data).toList();
  }

  @Override
  public Map<String, String> sourceOffsets() {
    return Map.copyOf(offsets);
  }

  @Override
  public JournalReader open(Collection<String> channels, long after, int maxEvents) {
    return memory.open(channels, after, maxEvents);
  }

  @Override
  public void close() {
    // lives on
  }
}
