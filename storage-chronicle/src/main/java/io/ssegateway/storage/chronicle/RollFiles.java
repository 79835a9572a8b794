package io.ssegateway.storage.chronicle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The roll files that exist, by cycle. Thread-safe; the journal thread adds and removes. */
final class RollFiles {
  private final ConcurrentSkipListMap<Integer, RollFile> byCycle = new ConcurrentSkipListMap<>();

  void add(RollFile file) {
    byCycle.put(file.cycle, file);
  }

  void remove(RollFile file) {
    byCycle.remove(file.cycle, file);
  }

  /** The file of a position, in use by the caller; null if it is gone. */
  @Nullable RollFile acquire(long position) {
    RollFile file = byCycle.get(Position.cycle(position));
    return file != null && file.acquire() ? file : null;
  }

  /** Whether the file of a position exists. */
  boolean contains(long position) {
    return byCycle.containsKey(Position.cycle(position));
  }

  /** Oldest first. */
  List<RollFile> all() {
    return new ArrayList<>(byCycle.values());
  }

  int count() {
    return byCycle.size();
  }

  @Nullable RollFile oldest() {
    Map.Entry<Integer, RollFile> first = byCycle.firstEntry();
    return first == null ? null : first.getValue();
  }

  /** The position of the oldest event that is behind a position, or 0. */
  long oldestEventAfter(long position) {
    for (RollFile file : byCycle.tailMap(Position.cycle(position), true).values()) {
      long first = file.firstEvent;
      if (first > position) {
        return first;
      }
    }
    return Position.NONE;
  }

  /** When the oldest event that is behind a position was published, or 0. Journal thread. */
  long oldestTimeAfter(long position) {
    for (RollFile file : byCycle.tailMap(Position.cycle(position), true).values()) {
      if (file.firstEvent > position) {
        return file.firstTimeMs;
      }
    }
    return 0;
  }

  void retireAll() {
    byCycle.values().forEach(RollFile::retire);
  }
}
