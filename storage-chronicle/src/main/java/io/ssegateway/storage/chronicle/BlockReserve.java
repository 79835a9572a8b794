package io.ssegateway.storage.chronicle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Takes the disk blocks of a file before they are stored to. A store to mapped memory that finds no
 * block is a bus error, of which Java learns late, perhaps after the record was acknowledged; a
 * write that finds none just fails. So zeroes are written a piece ahead of the appends, from the
 * file's first byte on, before the queue knows the file: nothing of the queue's is ever
 * overwritten.
 *
 * <p>A mapping that finds its pages in memory also never makes the kernel read ahead in a file that
 * has nothing to read: that would fill megabytes with zeroes, over and over.
 *
 * <p>Owned by the thread that appends.
 */
final class BlockReserve implements AutoCloseable {
  private static final int PIECE = 64 * 1024;

  private final ByteBuffer zeroes = ByteBuffer.allocateDirect(PIECE);
  private @Nullable FileChannel channel;
  private @Nullable Path path;
  private long reservedUpTo;

  /**
   * Takes the blocks up to an offset. The first call for a file makes it; before each call, nothing
   * may have been written behind the offset of the one before.
   *
   * @param written bytes that are in use already
   * @throws IOException if the disk has none
   * @throws IllegalStateException if the file is in use, and this has not taken its blocks so far
   */
  void reserve(Path file, long written, long upTo) throws IOException {
    if (!file.equals(path)) {
      if (written > 0) {
        throw new IllegalStateException(
            file + ": " + written + " bytes in use (expected: 0 when its first blocks are taken)");
      }
      close();
      path = file;
      reservedUpTo = 0;
    }
    boolean interrupted = false;
    try {
      while (reservedUpTo < upTo) {
        interrupted |= Thread.interrupted();
        try {
          takePiece(file);
          reservedUpTo += PIECE;
        } catch (ClosedByInterruptException e) {
          channel = null; // the interrupt has closed it
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void takePiece(Path file) throws IOException {
    FileChannel open = channel;
    if (open == null) {
      open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel = open;
    }
    zeroes.clear();
    while (zeroes.hasRemaining()) {
      open.write(zeroes, reservedUpTo + zeroes.position());
    }
  }

  @Override
  public void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    path = null;
    if (open != null) {
      open.close();
    }
  }
}
