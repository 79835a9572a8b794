package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.journal.Epochs;
import io.ssegateway.engine.journal.JournalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.slf4j.Logger;

/**
 * Makes a new journal, of a new epoch, out of the intact records of a damaged one. The old files
 * are kept aside as they are.
 *
 * <p>The chains are made anew, so that a record that is gone does not hide the older ones of its
 * channel. The new journal takes the old one's place by being renamed when it is whole; a start
 * that was killed in between begins again, or finishes the renaming.
 */
final class Rebuild {
  private static final String QUEUE = "queue";
  private static final String REBUILDING = "rebuilding";
  private static final String REBUILT = "rebuilt";
  private static final String DAMAGED = "damaged-";

  private final Path home;
  private final ChronicleJournalOptions options;
  private final Logger log;
  private final JournalState state;
  private final RecordEntry entry = new RecordEntry();

  /** For each channel the number that its newest event had. */
  private final Map<String, Long> oldOrdinals = new HashMap<>();

  private long broadcastOrdinal;
  private long salvaged;
  private long missing;
  private long lostBytes;
  private String oldEpoch = "unknown";

  private Rebuild(Path home, ChronicleJournalOptions options, Logger log) {
    this.home = home;
    this.options = options;
    this.log = log;
    this.state = new JournalState(options.maxChannelHeads());
  }

  /** Where the queue's files are. */
  static Path queue(Path home) {
    return home.resolve(QUEUE);
  }

  /** Finishes or drops what an earlier start was killed in. */
  static void finishEarlier(Path home) {
    try {
      Path rebuilt = home.resolve(REBUILT);
      if (Files.exists(rebuilt)) {
        if (Files.exists(queue(home))) {
          Files.move(queue(home), aside(home));
        }
        Files.move(rebuilt, queue(home));
      }
      deleteTree(home.resolve(REBUILDING));
    } catch (IOException e) {
      throw new JournalException("journal directory " + home + " cannot be mended: " + e, e);
    }
  }

  /** Rebuilds the journal. */
  static void run(
      Path home, ChronicleJournalOptions options, FreeSpace space, String problem, Logger log) {
    Rebuild rebuild = new Rebuild(home, options, log);
    try {
      rebuild.run(space, problem);
    } catch (IOException e) {
      throw new JournalException("journal directory " + home + " cannot be mended: " + e, e);
    }
  }

  private void run(FreeSpace space, String problem) throws IOException {
    log.error("journal {} is damaged: {}", home, problem);
    List<RollFile> files = QueueNames.list(queue(home));
    Path rebuilding = home.resolve(REBUILDING);
    deleteTree(rebuilding);
    String epoch = Epochs.random();
    long now = options.clock().millis();
    int newest = files.isEmpty() ? 0 : files.get(files.size() - 1).cycle;
    boolean room = hasRoom(files, space);
    try (JournalAppender appender =
        new JournalAppender(
            state,
            new QueueWriter(rebuilding, options.blockSize(), QueueNames.cycleAt(now, newest + 1)),
            epoch)) {
      appender.begin(now);
      for (RollFile file : files) {
        if (room) {
          FileWalk walk = FileWalk.salvage(file, (f, buffer, at) -> take(appender, buffer, at));
          lostBytes += walk.lostBytes;
        }
        file.retire();
      }
    }
    Watermark.open(rebuilding, state.lastPosition).close();
    state.files.retireAll();
    Path kept = swap(rebuilding);
    log.error(
        "journal {} begins epoch {} in place of {}: {} intact events are readable, at least {}"
            + " events are lost{}, {} bytes are no records; the old files are kept in {}",
        home,
        epoch,
        oldEpoch,
        salvaged,
        missing,
        room ? "" : " and all others are left out, since the disk has no room for a copy",
        lostBytes,
        kept);
  }

  private boolean hasRoom(List<RollFile> files, FreeSpace space) throws IOException {
    long needed = options.minFreeBytes();
    for (RollFile file : files) {
      needed += Math.min(Files.size(file.path), options.effectiveRollBytes());
    }
    return space.usableBytes() > needed;
  }

  private Path swap(Path rebuilding) throws IOException {
    Path rebuilt = home.resolve(REBUILT);
    Files.move(rebuilding, rebuilt);
    Path kept = aside(home);
    Files.move(queue(home), kept);
    Files.move(rebuilt, queue(home));
    return kept;
  }

  private static Path aside(Path home) {
    int number = 1;
    while (Files.exists(home.resolve(DAMAGED + number))) {
      number++;
    }
    return home.resolve(DAMAGED + number);
  }

  private void take(JournalAppender appender, UnsafeBuffer buffer, int at) {
    String partition = RecordLayout.partition(buffer, at);
    switch (RecordLayout.kind(buffer, at)) {
      case RecordLayout.START -> oldEpoch = RecordLayout.type(buffer, at);
      case RecordLayout.OFFSET -> {
        if (partition != null) {
          state.sourceOffsets.put(partition, RecordLayout.offset(buffer, at));
        }
      }
      default -> {
        countMissing(buffer, at);
        int length = appender.begin(entry.wrap(buffer, at));
        RollFile file = appender.file();
        if (file.hasEvents() && file.endOffset + length > options.effectiveRollBytes()) {
          appender.roll(options.clock().millis());
        }
        appender.append(entry);
        salvaged++;
      }
    }
  }

  /** The events of a channel are numbered, so those that are not there can be counted. */
  private void countMissing(UnsafeBuffer buffer, int at) {
    String channel = RecordLayout.channel(buffer, at);
    long ordinal = RecordLayout.ordinal(buffer, at);
    long before;
    if (channel == null) {
      before = broadcastOrdinal;
      broadcastOrdinal = ordinal;
    } else {
      Long known = oldOrdinals.put(channel, ordinal);
      before = known == null ? 0 : known;
    }
    if (before > 0 && ordinal > before + 1) {
      missing += ordinal - before - 1;
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(root)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
