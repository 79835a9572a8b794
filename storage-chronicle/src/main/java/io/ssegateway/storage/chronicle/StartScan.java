package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.journal.JournalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a journal at its start, and finds out whether it is whole: every record intact, every file
 * ending where the next one says that it does, and no committed position missing at the end.
 */
final class StartScan {
  private final Path directory;
  private final int maxChannelHeads;
  private final long scanBytes;
  private JournalState state;

  /** What is wrong, for people to read; null if the journal is whole. */
  @Nullable String problem;

  // of the file that is read
  private @Nullable RollFile started;

  private StartScan(Path directory, int maxChannelHeads, long scanBytes) {
    this.directory = directory;
    this.maxChannelHeads = maxChannelHeads;
    this.scanBytes = scanBytes;
    this.state = new JournalState(maxChannelHeads);
  }

  /**
   * Reads the journal. An unfinished file at its end is removed, an unfinished end is closed.
   *
   * @param scanBytes bytes of the newest files of which every record is checked
   */
  static StartScan run(Path directory, int maxChannelHeads, long scanBytes) {
    StartScan scan = new StartScan(directory, maxChannelHeads, scanBytes);
    scan.run();
    return scan;
  }

  JournalState state() {
    return state;
  }

  private void run() {
    List<RollFile> files = QueueNames.list(directory);
    long watermark = Watermark.read(directory);
    for (int i = restoreOlder(files); i < files.size() && problem == null; i++) {
      read(files.get(i), i == files.size() - 1, watermark);
    }
    if (problem != null) {
      return;
    }
    if (files.isEmpty() && watermark > 0) {
      problem = "all files are gone, and position " + Position.toString(watermark) + " was taken";
    } else if (!files.isEmpty() && watermark < 0) {
      problem = "the file that tells the newest position is missing or not readable";
    } else if (state.lastPosition < watermark) {
      problem =
          "the records end at position "
              + Position.toString(state.lastPosition)
              + " and were committed up to position "
              + Position.toString(watermark);
    }
  }

  /**
   * Takes the older files over from the {@link HeadsFile}, if the journal is large and the file
   * fits, and answers how many those are.
   */
  private int restoreOlder(List<RollFile> files) {
    JournalState restored = new JournalState(maxChannelHeads);
    HeadsFile.Moment moment = HeadsFile.read(directory, restored);
    if (moment == null) {
      return 0;
    }
    Map<Integer, HeadsFile.FileMoment> known = new HashMap<>();
    long bytes = 0;
    for (HeadsFile.FileMoment file : moment.files()) {
      known.put(file.cycle(), file);
      bytes += file.endOffset();
    }
    int count = 0;
    while (count < files.size() && files.get(count).cycle <= Position.cycle(moment.position())) {
      count++;
    }
    if (bytes <= scanBytes || count == 0 || count == files.size()) {
      return 0; // small enough to read all of it, or of another time
    }
    long before = Position.NONE;
    for (int i = 0; i < count; i++) {
      RollFile file = files.get(i);
      HeadsFile.FileMoment was = known.get(file.cycle);
      if (was == null || (i > 0 && was.previousEnd() != before)) {
        return 0;
      }
      was.restore(file);
      before = was.lastPosition();
      if (!endsWhole(file)) {
        return 0;
      }
      restored.files.add(file);
    }
    if (before != moment.position()) {
      return 0;
    }
    checkNewest(files.subList(0, count));
    restored.epoch = moment.epoch();
    restored.lastPosition = moment.position();
    restored.newestEvent = moment.newestEvent();
    restored.deletedUpTo = files.get(0).previousEnd;
    restored.heads.forget(Math.max(moment.forgottenUpTo(), restored.deletedUpTo));
    state = restored;
    return count;
  }

  /** Whether the last record of a file that is known to be whole is still where it was. */
  private static boolean endsWhole(RollFile file) {
    if (!file.acquire()) {
      return false;
    }
    try {
      RollFile.View view = file.view(file.endOffset);
      return view != null
          && RollFile.isRecord(
              view.buffer(),
              view.bytes().duplicate(),
              file.cycle,
              Position.offset(file.lastPosition),
              new CRC32C());
    } finally {
      file.release();
    }
  }

  /** Checks every record of the newest of some files. */
  private void checkNewest(List<RollFile> files) {
    long left = scanBytes;
    for (int i = files.size() - 1; i >= 0 && left > 0 && problem == null; i--) {
      RollFile file = files.get(i);
      left -= file.endOffset;
      FileWalk walk = FileWalk.check(file, (f, buffer, at) -> {});
      if (walk.problem != null) {
        problem = file + ": " + walk.problem;
      }
    }
  }

  private void read(RollFile file, boolean newest, long watermark) {
    started = null;
    long before = state.lastPosition;
    FileWalk walk = FileWalk.check(file, this::onRecord);
    if (problem != null) {
      return;
    }
    boolean begun = started != null || walk.recordsBehind;
    if (!begun && newest && Position.cycle(watermark) < file.cycle && watermark >= 0) {
      discard(file); // killed before the first record of it was committed
      return;
    }
    if (walk.problem != null) {
      problem = file + ": " + walk.problem;
    } else if (started == null) {
      problem = file + ": no record";
    } else if (state.files.count() > 0 && file.previousEnd != before) {
      problem =
          file
              + ": follows position "
              + Position.toString(file.previousEnd)
              + ", and the file before it ends at "
              + Position.toString(before);
    } else {
      if (state.files.count() == 0) {
        state.deletedUpTo = file.previousEnd;
        state.heads.forget(file.previousEnd);
      }
      if (!walk.sealed) {
        seal(file, walk.end);
      }
      state.files.add(file);
    }
  }

  private void onRecord(RollFile file, UnsafeBuffer buffer, int at) {
    if (RecordLayout.kind(buffer, at) == RecordLayout.START) {
      onStart(file, buffer, at);
    } else if (started == null && problem == null) {
      problem = file + ": does not begin with the record that begins a file";
    }
    state.restore(file, buffer, at);
  }

  private void onStart(RollFile file, UnsafeBuffer buffer, int at) {
    String epoch = RecordLayout.type(buffer, at);
    if (started != null) {
      problem = file + ": begins twice";
    } else if (state.epoch != null && !state.epoch.equals(epoch)) {
      problem = file + ": is of epoch " + epoch + ", and the files before it of " + state.epoch;
    }
    started = file;
    state.epoch = epoch;
    file.previousEnd = RecordLayout.previous(buffer, at);
    state.heads.restore(
        null, RecordLayout.skip(buffer, at), RecordLayout.ordinal(buffer, at), Position.NONE);
  }

  private static void discard(RollFile file) {
    file.retire();
    try {
      Files.delete(file.path);
    } catch (IOException e) {
      throw new JournalException("journal file " + file.path + " cannot be removed: " + e, e);
    }
  }

  /** Marks the end of a file, and cuts off what was never committed. */
  static void seal(RollFile file, long end) {
    ByteBuffer mark = ByteBuffer.allocate(4).order(RecordLayout.ORDER);
    mark.putInt(0, FileWalk.END_OF_FILE);
    try (FileChannel channel = FileChannel.open(file.path, StandardOpenOption.WRITE)) {
      channel.write(mark, end);
      channel.truncate(end + 4);
      channel.force(true);
    } catch (IOException e) {
      throw new JournalException("journal file " + file.path + " cannot be closed: " + e, e);
    }
  }
}
