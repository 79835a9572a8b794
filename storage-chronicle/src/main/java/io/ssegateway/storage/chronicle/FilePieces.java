package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.journal.JournalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file by plain reads, piece by piece. For the parts where a sparse file may have no
 * blocks: a read finds zeroes there, while on a file system in memory a mapping would take a page
 * for each page that is looked at, and end in a bus error when there is none left. Not thread-safe.
 */
final class FilePieces implements AutoCloseable {
  private static final int PIECE = 64 * 1024;

  private final Path path;
  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE).order(RecordLayout.ORDER);
  private @Nullable FileChannel channel;

  FilePieces(Path path) {
    this.path = path;
  }

  /**
   * Reads up to 64 KiB from an offset on.
   *
   * @return from index 0 to its limit, until the next call; less only at the end of the file
   */
  ByteBuffer read(long offset) {
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted();
        try {
          fill(offset);
          return piece.flip();
        } catch (ClosedByInterruptException e) {
          interrupted = true;
          channel = null; // the interrupt has closed it
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

  private void fill(long offset) throws IOException {
    FileChannel open = channel;
    if (open == null) {
      open = FileChannel.open(path, StandardOpenOption.READ);
      channel = open;
    }
    piece.clear();
    while (piece.hasRemaining() && open.read(piece, offset + piece.position()) > 0) {
      // as much as the file has
    }
  }

  @Override
  public void close() {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new JournalException("journal file " + path + " cannot be closed: " + e, e);
      }
    }
  }
}
