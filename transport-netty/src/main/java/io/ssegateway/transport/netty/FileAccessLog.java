package io.ssegateway.transport.netty;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** An access log in a file. Not thread-safe. */
final class FileAccessLog implements AccessLog {
  private static final long LOOK_NS = TimeUnit.SECONDS.toNanos(1);
  private static final Set<? extends OpenOption> APPEND =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND);

  private final Path file;
  private final AccessLogFormat format;
  private final LongSupplier nanoTime;
  private @Nullable OutputStream out;
  private @Nullable Object fileKey;
  private long lookedNs;

  /**
   * Opens the file.
   *
   * @param nanoTime the time, as {@link System#nanoTime}
   */
  FileAccessLog(Path file, AccessLogFormat format, LongSupplier nanoTime) throws IOException {
    this.file = file;
    this.format = format;
    this.nanoTime = nanoTime;
    open();
  }

  private OutputStream open() throws IOException {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] readable =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"))
            }
            : new FileAttribute<?>[0];
    OutputStream opened =
        new BufferedOutputStream(
            Channels.newOutputStream(Files.newByteChannel(file, APPEND, readable)));
    out = opened;
    fileKey = key();
    lookedNs = nanoTime.getAsLong();
    return opened;
  }

  /** What tells the file from another of the same name; null if there is none. */
  private @Nullable Object key() throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  @Override
  public void write(AccessLogEntry entry) throws IOException {
    byte[] line = (format.line(entry) + '\n').getBytes(StandardCharsets.UTF_8);
    current().write(line);
  }

  private OutputStream current() throws IOException {
    OutputStream now = out;
    if (now == null) {
      return open();
    }
    if (nanoTime.getAsLong() - lookedNs < LOOK_NS) {
      return now;
    }
    lookedNs = nanoTime.getAsLong();
    Object key = key();
    if (key != null && key.equals(fileKey)) {
      return now;
    }
    close();
    return open();
  }

  @Override
  public void flush() throws IOException {
    OutputStream now = out;
    if (now != null) {
      now.flush();
    }
  }

  @Override
  public void close() throws IOException {
    OutputStream now = out;
    out = null;
    if (now != null) {
      now.close();
    }
  }
}
