package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.journal.JournalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The newest committed position in a small file of its own: a store to mapped memory at each
 * commit. A start that finds the records ending before it knows that committed events are missing,
 * also where the end of the last file looks clean.
 */
final class Watermark implements AutoCloseable {
  private static final String FILE = "newest";
  private static final int SIZE = 4096;
  private static final int MAGIC = 0x4E_45_57_31;

  private final MappedByteBuffer bytes;
  private final UnsafeBuffer buffer;

  private Watermark(MappedByteBuffer bytes) {
    this.bytes = bytes;
    this.buffer = new UnsafeBuffer(bytes);
  }

  /** The position that was set last; -1 if there is no such file, or it is not readable. */
  static long read(Path directory) {
    ByteBuffer content = ByteBuffer.allocate(16).order(RecordLayout.ORDER);
    try (FileChannel channel = FileChannel.open(directory.resolve(FILE), StandardOpenOption.READ)) {
      channel.read(content, 0);
    } catch (IOException e) {
      return -1;
    }
    return content.position() == 16 && content.getInt(8) == MAGIC ? content.getLong(0) : -1;
  }

  /** Opens the file; it holds the position when this returns. */
  static Watermark open(Path directory, long position) {
    try (FileChannel channel =
        FileChannel.open(
            directory.resolve(FILE),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      ByteBuffer content = ByteBuffer.allocate(SIZE).order(RecordLayout.ORDER);
      content.putLong(0, position).putInt(8, MAGIC);
      channel.write(content, 0); // takes the disk block, so that no later store can miss it
      return new Watermark(channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
    } catch (IOException e) {
      throw new JournalException("journal directory " + directory + " cannot be written: " + e, e);
    }
  }

  void set(long position) {
    buffer.putLong(0, position, RecordLayout.ORDER);
  }

  @Override
  public void close() {
    BufferUtil.free(bytes);
  }
}
