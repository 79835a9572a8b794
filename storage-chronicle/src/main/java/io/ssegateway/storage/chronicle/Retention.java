package io.ssegateway.storage.chronicle;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.slf4j.Logger;

/**
 * Removes the oldest files by age and by size. Journal thread.
 *
 * <p>The file that is written and the one before it stay on the disk, since the queue may have them
 * open. The events of the older one are no longer offered once their age is over.
 */
final class Retention {
  private static final int NEWEST_KEPT = 2;

  private final JournalState state;
  private final JournalAppender appender;
  private final long maxAgeMs;
  private final long maxDiskBytes;
  private final Logger log;

  Retention(
      JournalState state, JournalAppender appender, ChronicleJournalOptions options, Logger log) {
    this.state = state;
    this.appender = appender;
    this.maxAgeMs = options.maxAgeMs();
    this.maxDiskBytes = options.maxDiskBytes();
    this.log = log;
  }

  /** Bytes on disk. */
  long diskBytes() {
    long bytes = 0;
    for (RollFile file : state.files.all()) {
      bytes += file.diskBytes();
    }
    return bytes;
  }

  /** Removes what is too old or too much. */
  void apply(long nowMs) {
    List<RollFile> files = state.files.all();
    long bytes = diskBytes();
    boolean deleted = false;
    for (int i = 0; i < files.size() - 1; i++) {
      RollFile file = files.get(i);
      boolean tooOld = maxAgeMs > 0 && file.lastTimeMs < nowMs - maxAgeMs;
      boolean tooMuch = maxDiskBytes > 0 && bytes > maxDiskBytes;
      if (!tooOld && !tooMuch) {
        break;
      }
      boolean removable = i < files.size() - NEWEST_KEPT;
      if (removable || tooOld) {
        state.deletedUpTo = Math.max(state.deletedUpTo, file.lastPosition);
        state.heads.forget(state.deletedUpTo);
      }
      if (removable) {
        delete(file);
        bytes -= file.diskBytes();
        deleted = true;
      }
    }
    if (deleted) {
      appender.writer().refresh();
    }
  }

  /** First nobody gets in any more, then the name goes; the blocks go with the last reader. */
  private void delete(RollFile file) {
    state.files.remove(file);
    file.retire();
    try {
      Files.deleteIfExists(file.path);
      log.debug("journal file {} is removed", file.path);
    } catch (IOException e) {
      log.error("journal file {} cannot be removed: remove it by hand", file.path, e);
    }
  }
}
