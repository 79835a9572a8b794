package io.ssegateway.sources.pubsub;

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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A journal in memory that survives the engine it is given to, as a durable one would, keeps the
 * sources' offsets, and remembers what was committed.
 */
final class RecordingJournal implements Journal {
  /** An event as it was committed. */
  record Event(String channel, String type, String id, String data, SourceOffset offset) {}

  private final MemoryJournal memory = new MemoryJournal();
  private final Map<String, String> offsets = new ConcurrentHashMap<>();
  private final List<Event> batch = new ArrayList<>();
  private final List<Event> committed = new ArrayList<>();

  /** How many of the next events are refused. */
  final AtomicInteger toRefuse = new AtomicInteger();

  /** Whether commits wait. */
  volatile boolean stuck;

  @Override
  public String name() {
    return "recording";
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
    if (toRefuse.get() > 0) {
      toRefuse.decrementAndGet();
      entry.refused(Refusal.JOURNAL_FAILED, "staged");
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

  @Override
  public void commit() {
    while (stuck) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    memory.commit();
    synchronized (committed) {
      for (Event event : batch) {
        if (event.offset != null) {
          offsets.put(event.offset.partition(), event.offset.offset());
        }
        committed.add(event);
      }
    }
    batch.clear();
  }

  /** The committed events. */
  List<Event> events() {
    synchronized (committed) {
      return List.copyOf(committed);
    }
  }

  int size() {
    return events().size();
  }

  List<String> data() {
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
