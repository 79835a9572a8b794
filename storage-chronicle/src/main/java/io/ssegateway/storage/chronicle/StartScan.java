package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.journal.JournalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a journal at its start, and finds out whether it is whole: every record intact, every file
 * ending where the next one says that it does, and no committed position missing at the end.
 */
final class StartScan {
  private final Path directory;
  private final JournalState state;

  /** What is wrong, for people to read; null if the journal is whole. */
  @Nullable String problem;

  // of the file that is read
  private @Nullable RollFile started;

  private StartScan(Path directory, int maxChannelHeads) {
    this.directory = directory;
    this.state = new JournalState(maxChannelHeads);
  }

  /** Reads the journal. An unfinished file at its end is removed, an unfinished end is closed. */
  static StartScan run(Path directory, int maxChannelHeads) {
    StartScan scan = new StartScan(directory, maxChannelHeads);
    scan.run();
    return scan;
  }

  JournalState state() {
    return state;
  }

  private void run() {
    List<RollFile> files = QueueNames.list(directory);
    long watermark = Watermark.read(directory);
    for (int i = 0; i < files.size() && problem == null; i++) {
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

  private void read(RollFile file, boolean newest, long watermark) {
    started = null;
    long before = state.lastPosition;
    FileWalk walk = FileWalk.check(file, this::onRecord);
    if (problem != null) {
      return;
    }
    if (started == null && newest && Position.cycle(watermark) < file.cycle && watermark >= 0) {
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
  private static void seal(RollFile file, long end) {
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
