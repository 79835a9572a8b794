package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.journal.JournalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to use a journal's directory: a lock of the operating system, which ends with the
 * process however it ends. Unlike a process number in a file it cannot outlive its owner, nor seem
 * alive because a later process was given the same number.
 *
 * <p>Within this process a set decides, before the file is touched: Linux gives up a process's lock
 * when the process closes any descriptor of the file.
 */
final class DirectoryLock implements AutoCloseable {
  private static final String FILE = "journal.lock";
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path key;
  private final FileChannel channel;

  private DirectoryLock(Path key, FileChannel channel) {
    this.key = key;
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @param directory an existing directory
   * @throws JournalException at once if another process, or another journal here, has it
   */
  static DirectoryLock take(Path directory) {
    try {
      Path key = directory.toRealPath();
      if (!HELD_HERE.add(key)) {
        throw inUse(directory, "another journal of this process");
      }
      boolean taken = false;
      try {
        DirectoryLock lock = open(directory, key);
        taken = true;
        return lock;
      } finally {
        if (!taken) {
          HELD_HERE.remove(key);
        }
      }
    } catch (IOException e) {
      throw new JournalException(
          "journal directory "
              + directory.toAbsolutePath()
              + " cannot be locked: "
              + e
              + " (expected: a local directory that this user may write)",
          e);
    }
  }

  private static DirectoryLock open(Path directory, Path key) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve(FILE),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      if (channel.tryLock() == null) {
        throw inUse(directory, owner(channel));
      }
      channel.truncate(0);
      String self = Long.toString(ProcessHandle.current().pid());
      channel.write(ByteBuffer.wrap(self.getBytes(StandardCharsets.US_ASCII)), 0);
      taken = true;
      return new DirectoryLock(key, channel);
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  private static JournalException inUse(Path directory, String owner) {
    return new JournalException(
        "journal directory "
            + directory.toAbsolutePath()
            + " is in use by "
            + owner
            + " (expected: one process at a time; stop the other one, or use another directory)");
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(20);
    channel.read(bytes, 0);
    String pid = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
    return pid.isEmpty() ? "another process" : "process " + pid;
  }

  /** Gives the right back. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new JournalException("lock file in " + key + " cannot be closed: " + e, e);
    } finally {
      HELD_HERE.remove(key);
    }
  }
}
