package io.ssegateway.storage.chronicle;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Refuses appends before the file system does. A full file system shows itself to mapped memory as
 * a bus error, in the middle of a record; so space is asked for often enough that what is appended
 * between two questions fits into what is held back.
 *
 * <p>Threading: the journal thread asks the file system; any thread asks for the refusal.
 */
final class SpaceGuard {
  private static final long MIN_STEP = 64L * 1024;
  private static final long MAX_STEP = 16L * 1024 * 1024;

  private final FreeSpace space;
  private final long minFreeBytes;
  private final long resumeFreeBytes;
  private final long step;
  private final Logger log;

  private volatile @Nullable String refusal;
  private volatile long freeBytes = -1;

  // the journal thread's own
  private long appendedSince;

  SpaceGuard(FreeSpace space, long minFreeBytes, long resumeFreeBytes, Logger log) {
    this.space = space;
    this.minFreeBytes = minFreeBytes;
    this.resumeFreeBytes = resumeFreeBytes;
    this.step = Math.max(MIN_STEP, Math.min(MAX_STEP, minFreeBytes / 8));
    this.log = log;
  }

  /** Why nothing is appended, or null. Any thread. */
  @Nullable String refusal() {
    return refusal;
  }

  /** Bytes that were free at the last look, or -1 if there was none. Any thread. */
  long freeBytes() {
    return freeBytes;
  }

  /** Is told of bytes to be appended, and answers why they must not be, or null. */
  @Nullable String append(int bytes) {
    if (minFreeBytes > 0) {
      appendedSince += bytes;
      if (appendedSince > step) {
        check();
      }
    }
    return refusal;
  }

  /** Asks the file system. */
  void check() {
    if (minFreeBytes == 0) {
      return;
    }
    appendedSince = 0;
    long usable;
    try {
      usable = space.usableBytes();
    } catch (IOException e) {
      refuse("free space of the disk cannot be told: " + e);
      return;
    }
    freeBytes = usable;
    if (usable < (refusal == null ? minFreeBytes : resumeFreeBytes)) {
      refuse(
          "disk nearly full: "
              + usable
              + " bytes free (expected: >= "
              + (refusal == null ? minFreeBytes : resumeFreeBytes)
              + ")");
    } else if (refusal != null) {
      refusal = null;
      log.info("journal takes events again: {} bytes free", usable);
    }
  }

  /** Whether there is room for so many bytes, guard or not. */
  boolean hasRoom(long bytes) {
    try {
      return space.usableBytes() >= bytes;
    } catch (IOException e) {
      return false;
    }
  }

  private void refuse(String reason) {
    if (refusal == null) {
      log.error("journal takes no events: {}", reason);
    }
    refusal = reason;
  }
}
