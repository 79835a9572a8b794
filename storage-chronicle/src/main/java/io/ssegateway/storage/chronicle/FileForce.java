package io.ssegateway.storage.chronicle;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Forces the written pages of a file out to the disk, mapped or not, by fsync on a channel of its
 * own. Chronicle's {@code sync} does nothing where its native library is missing. Not thread-safe.
 */
class FileForce implements AutoCloseable {
  private @Nullable Path path;
  private @Nullable FileChannel channel;

  /** Forces a file. An interrupt closes the channel, and the next one is opened. */
  void force(Path file) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted();
        try {
          channel(file).force(false);
          return;
        } catch (ClosedByInterruptException e) {
          interrupted = true;
        } catch (ClosedChannelException e) {
          close();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private FileChannel channel(Path file) throws IOException {
    FileChannel open = channel;
    if (open != null && open.isOpen() && file.equals(path)) {
      return open;
    }
    close();
    forceDirectory(file); // the name of a new file has to be there too
    open = FileChannel.open(file, StandardOpenOption.WRITE);
    channel = open;
    path = file;
    return open;
  }

  private static void forceDirectory(Path file) throws IOException {
    Path directory = file.getParent();
    if (directory != null) {
      try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
        opened.force(true);
      }
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
