package io.ssegateway.transport.netty;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Where a line about each finished request, and each stream that has ended, is written.
 *
 * <p>Called on a thread of its own, one call at a time, and may block: meanwhile a bounded number
 * of entries waits, and more are dropped and counted as {@link
 * TransportCounter#ACCESS_LOG_DROPPED}. So is an entry whose writing failed.
 */
@FunctionalInterface
public interface AccessLog extends AutoCloseable {
  /** The name of the logger of {@link #toLogger}. */
  String LOGGER = "io.ssegateway.access";

  /** Writes an entry, perhaps into a buffer. */
  void write(AccessLogEntry entry) throws IOException;

  /** Writes out what was written into a buffer. Called whenever no entry waits. */
  default void flush() throws IOException {}

  /** Closes. Called once, after the last entry. */
  @Override
  default void close() throws IOException {}

  /** Writes to the SLF4J logger {@link #LOGGER}, at the level of information. */
  static AccessLog toLogger(AccessLogFormat format) {
    return new LoggerAccessLog(format);
  }

  /**
   * Appends to a file, which only its owner and group may read if it is new. A file that was moved
   * away, as by {@code logrotate}, is begun anew within a second.
   *
   * @throws IOException if the file cannot be opened
   */
  static AccessLog toFile(Path file, AccessLogFormat format) throws IOException {
    return new FileAccessLog(file, format, System::nanoTime);
  }
}
