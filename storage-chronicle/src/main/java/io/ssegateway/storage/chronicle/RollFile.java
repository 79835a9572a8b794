package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.journal.JournalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One roll file of the queue, as it is read: through a mapping of its own, in which a position
 * leads to its record directly. Chronicle's tailers have to search for an index instead, and share
 * channels that an interrupt can close.
 *
 * <p>Threading: readers come between {@link #acquire} and {@link #release}; the mapping goes with
 * the last of them after {@link #retire}, so that a file that was deleted gives its disk blocks
 * back as soon as nobody is in the middle of it. The fields of the writer are its own.
 */
final class RollFile {
  private static final int PAGE = 4096;

  /** A view of the file's first bytes. */
  @SuppressWarnings("ArrayRecordComponent") // holds none; never compared
  record View(MappedByteBuffer bytes, UnsafeBuffer buffer) {}

  final Path path;
  final int cycle;

  // the journal thread's own, and of the start before it
  long previousEnd;
  long lastPosition;
  long endOffset;
  long firstTimeMs = Long.MAX_VALUE;
  long lastTimeMs;

  /** Position of the first event in it, or 0 if it has none. */
  volatile long firstEvent;

  // guarded by this
  private final List<View> views = new ArrayList<>(1);
  private int users;
  private boolean retired;

  RollFile(Path path, int cycle) {
    this.path = path;
    this.cycle = cycle;
  }

  /** Notes a record that was appended. Journal thread. */
  void appended(byte kind, long position, int length, long timeMs) {
    lastPosition = position;
    endOffset = Position.offset(position) + length;
    if (kind == RecordLayout.EVENT) {
      firstTimeMs = Math.min(firstTimeMs, timeMs);
      lastTimeMs = Math.max(lastTimeMs, timeMs);
      if (firstEvent == Position.NONE) {
        firstEvent = position;
      }
    }
  }

  boolean hasEvents() {
    return firstEvent != Position.NONE;
  }

  /**
   * Bytes on disk, at most: nothing behind what was written has pages, so the length of the sparse
   * file does not matter. Journal thread.
   */
  long diskBytes() {
    return (endOffset + PAGE - 1) / PAGE * PAGE;
  }

  /** Begins a use; false if the file is gone. */
  synchronized boolean acquire() {
    if (retired) {
      return false;
    }
    users++;
    return true;
  }

  /** Ends a use. */
  synchronized void release() {
    users--;
    if (retired && users == 0) {
      unmap();
    }
  }

  /** Lets nobody in any more. */
  synchronized void retire() {
    retired = true;
    if (users == 0) {
      unmap();
    }
  }

  private void unmap() {
    for (View view : views) {
      BufferUtil.free(view.bytes);
    }
    views.clear();
  }

  /**
   * A view that holds the file up to an offset. For users.
   *
   * @return null if the file is shorter
   */
  synchronized @Nullable View view(long end) {
    View view = views.isEmpty() ? null : views.get(views.size() - 1);
    if (view == null || view.buffer.capacity() < end) {
      View larger = map();
      if (larger.buffer.capacity() < end) {
        BufferUtil.free(larger.bytes);
        return null;
      }
      views.add(larger);
      view = larger;
    }
    return view;
  }

  /** Maps what there is. An interrupt closes only the channel made here, and the next is made. */
  private View map() {
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
          long size = Math.min(channel.size(), Integer.MAX_VALUE - 8);
          MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
          return new View(bytes, new UnsafeBuffer(bytes));
        } catch (ClosedByInterruptException e) {
          interrupted = true;
        }
      }
    } catch (IOException e) {
      throw new JournalException("journal file " + path + " cannot be read: " + e, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Whether a whole record stands at an offset: its length, its own position and its checksum fit.
   *
   * @param bytes a view of the file that the caller alone uses; its position and limit change
   */
  static boolean isRecord(
      UnsafeBuffer buffer, ByteBuffer bytes, int cycle, long offset, CRC32C crc) {
    if (offset < 0 || offset + RecordLayout.HEADER_LENGTH > buffer.capacity()) {
      return false;
    }
    int at = (int) offset;
    int length = RecordLayout.length(buffer, at);
    if (length < RecordLayout.HEADER_LENGTH
        || length > buffer.capacity() - at
        || buffer.getInt(at + RecordLayout.MAGIC_AT, RecordLayout.ORDER) != RecordLayout.MAGIC
        || RecordLayout.position(buffer, at) != Position.of(cycle, offset)
        || buffer.getByte(at + RecordLayout.VERSION_AT) != RecordLayout.VERSION) {
      return false;
    }
    crc.reset();
    bytes.limit(at + length).position(at + RecordLayout.LENGTH);
    crc.update(bytes);
    return (int) crc.getValue() == buffer.getInt(at + RecordLayout.CRC, RecordLayout.ORDER);
  }

  @Override
  public String toString() {
    return path.getFileName().toString();
  }
}
