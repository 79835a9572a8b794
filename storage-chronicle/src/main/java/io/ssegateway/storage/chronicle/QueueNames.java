package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.journal.JournalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.RollCycles;

/**
 * The names of the roll files. Chronicle names a file after the time of its cycle; here the cycle
 * is a serial number that is never behind the time, since a file also ends when it is full.
 */
final class QueueNames {
  static final RollCycle ROLL_CYCLE = RollCycles.FIVE_MINUTELY;
  static final String SUFFIX = ".cq4";

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern(ROLL_CYCLE.format(), Locale.ROOT).withZone(ZoneOffset.UTC);

  private QueueNames() {}

  /** The cycle that begins now, but not before a given one. */
  static int cycleAt(long timeMs, int notBefore) {
    long cycle = timeMs / ROLL_CYCLE.lengthInMillis();
    return (int) Math.max(notBefore, Math.min(cycle, Integer.MAX_VALUE / 2));
  }

  static Path file(Path directory, int cycle) {
    Instant time = Instant.ofEpochMilli((long) cycle * ROLL_CYCLE.lengthInMillis());
    return directory.resolve(NAME.format(time) + SUFFIX);
  }

  /** The roll files of a directory, oldest first. */
  static List<RollFile> list(Path directory) {
    List<RollFile> files = new ArrayList<>();
    try (Stream<Path> paths = Files.list(directory)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        int cycle = cycleOf(path);
        if (cycle >= 0) {
          files.add(new RollFile(path, cycle));
        }
      }
    } catch (IOException e) {
      throw new JournalException("journal directory " + directory + " cannot be read: " + e, e);
    }
    files.sort(Comparator.comparingInt(file -> file.cycle));
    return files;
  }

  /** The cycle of a roll file, or -1 if the name is not a roll file's. */
  private static int cycleOf(Path path) {
    String name = path.getFileName().toString();
    if (!name.endsWith(SUFFIX)) {
      return -1;
    }
    try {
      Instant time = NAME.parse(name.substring(0, name.length() - SUFFIX.length()), Instant::from);
      return (int) (ChronoUnit.MILLIS.between(Instant.EPOCH, time) / ROLL_CYCLE.lengthInMillis());
    } catch (DateTimeException e) {
      return -1;
    }
  }
}
