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
 * write that finds none just fails. So what is there is read and written back, a piece ahead of the
 * appends. Owned by the thread that appends.
 */
final class BlockReserve implements AutoCloseable {
  private static final int PIECE = 64 * 1024;

  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
  private @Nullable FileChannel channel;
  private @Nullable Path path;
  private long reservedUpTo;

  /**
   * Takes the blocks up to an offset.
   *
   * @throws IOException if the disk has none
   */
  void reserve(Path file, long upTo) throws IOException {
    if (!file.equals(path)) {
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
      open = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      channel = open;
    }
    piece.clear();
    while (piece.hasRemaining() && open.read(piece, reservedUpTo + piece.position()) > 0) {
      // as much as the file has
    }
    piece.flip(); // a file is longer than what is appended to it, so all of it
    while (piece.hasRemaining()) {
      open.write(piece, reservedUpTo + piece.position());
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
