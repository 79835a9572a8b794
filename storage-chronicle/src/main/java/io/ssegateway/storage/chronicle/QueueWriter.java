package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.journal.JournalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import net.openhft.chronicle.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The appending side of the queue. Owned by one thread at a time.
 *
 * <p>The queue's clock is not a clock: it stands at the cycle that is written, and {@link #roll}
 * moves it on. So a file ends when the journal says so, by age or by size, and no clock that steps
 * back can send the queue into an older file, at which appends would fail.
 *
 * <p>Each start begins a new file. What a killed process left at the end of the last one is never
 * built upon. Chronicle's own directory listing and locks, {@code metadata.cq4t}, hold nothing that
 * the files do not tell, so they are made anew each time: no stale lock, no unreadable table.
 */
final class QueueWriter implements AutoCloseable {
  private static final String METADATA = "metadata.cq4t";
  private static final int LOCK_TIMEOUT_MS = 1000;
  private static final int INDEX_SPACING = 64;

  /** More than the queue's header and its own index take, before and behind a record. */
  private static final int RESERVE_AHEAD = 64 * 1024;

  private final Path directory;
  private final ChronicleQueue queue;
  private final ExcerptAppender appender;
  private final UnsafeBuffer target = new UnsafeBuffer(0, 0);
  private volatile int cycle;
  private RollFile file;
  private boolean broken;
  private final BlockReserve reserve = new BlockReserve();

  /**
   * Opens the queue; nothing is written yet.
   *
   * @param firstCycle newer than every roll file in the directory
   */
  QueueWriter(Path directory, int blockSize, int firstCycle) {
    this.directory = directory;
    this.cycle = firstCycle;
    this.file = new RollFile(QueueNames.file(directory, firstCycle), firstCycle);
    try {
      Files.createDirectories(directory);
      Files.deleteIfExists(directory.resolve(METADATA));
    } catch (IOException e) {
      throw new JournalException("journal directory " + directory + " cannot be used: " + e, e);
    }
    ChronicleQueue opened = null;
    try {
      opened =
          SingleChronicleQueueBuilder.binary(directory)
              .rollCycle(QueueNames.ROLL_CYCLE)
              .timeProvider(this::time)
              .blockSize(blockSize)
              .indexSpacing(INDEX_SPACING)
              .timeoutMS(LOCK_TIMEOUT_MS)
              .build();
      this.queue = opened;
      this.appender = opened.createAppender();
      appender.singleThreadedCheckDisabled(true); // handed from the opener to the journal thread
    } catch (RuntimeException | Error e) {
      if (opened != null) {
        opened.close();
      }
      throw new JournalException("journal directory " + directory + " cannot be opened: " + e, e);
    }
  }

  /** In the middle of the cycle, whatever the queue rounds. */
  private long time() {
    int length = QueueNames.ROLL_CYCLE.lengthInMillis();
    return (long) cycle * length + length / 2;
  }

  Path directory() {
    return directory;
  }

  /** The file that is written. */
  RollFile file() {
    return file;
  }

  /** Begins a new file with the next append. */
  RollFile roll(int newCycle) {
    if (newCycle <= cycle) {
      throw new IllegalArgumentException("cycle: " + newCycle + " (expected: > " + cycle + ")");
    }
    file = new RollFile(QueueNames.file(directory, newCycle), newCycle);
    cycle = newCycle;
    return file;
  }

  /**
   * Appends a record.
   *
   * @return its position
   */
  long append(RecordEncoder record, byte kind, long timeMs) {
    int length = record.length();
    long position;
    boolean whole = false;
    broken = true;
    reserve(file.endOffset + length + RESERVE_AHEAD);
    DocumentContext context = appender.writingDocument();
    try {
      Wire wire = context.wire();
      if (wire == null) {
        throw new JournalException("journal file " + file + " cannot be written: no wire");
      }
      Bytes<?> bytes = wire.bytes();
      long offset = bytes.writePosition();
      position = Position.of(file.cycle, offset);
      target.wrap(bytes.addressForWrite(offset), length);
      record.writeTo(target, position);
      bytes.writeSkip(length);
      whole = true;
    } finally {
      if (!whole) {
        context.rollbackOnClose(); // else half a record would be committed
      }
      context.close();
      broken = false;
    }
    file.appended(kind, position, length, timeMs);
    return position;
  }

  private void reserve(long upTo) {
    try {
      reserve.reserve(file.path, file.endOffset, upTo);
    } catch (IOException e) {
      broken = file.endOffset == 0; // half a beginning is not gone on with
      throw new NoRoomException("disk full: no block for journal file " + file + ": " + e, e);
    }
  }

  /** The disk has no block for the record; nothing was written. */
  static final class NoRoomException extends JournalException {
    private static final long serialVersionUID = 1;

    NoRoomException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Tells the queue that a roll file was deleted. */
  void refresh() {
    queue.refreshDirectoryListing();
  }

  /** Whether an append failed so that the next would too, or worse. */
  boolean isBroken() {
    return broken;
  }

  @Override
  public void close() {
    closeQuietly(appender);
    closeQuietly(queue);
    closeQuietly(reserve);
  }

  private static void closeQuietly(@Nullable AutoCloseable closeable) {
    net.openhft.chronicle.core.io.Closeable.closeQuietly(closeable);
  }
}
