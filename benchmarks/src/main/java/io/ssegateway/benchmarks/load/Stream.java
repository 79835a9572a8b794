package io.ssegateway.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/** One stream of events; owned by the thread of its {@link StreamReader}, but for the counts. */
final class Stream {
  private static final int CARRY_BYTES = 16 * 1024;

  final byte[] request;
  final @Nullable Recorder latencies;
  final boolean isRead;

  // the reader's own
  @Nullable ByteBuffer carry;
  boolean answered;
  long lastNumber;
  boolean gapTold;

  /** Events so far. */
  volatile int events;

  /**
   * A stream that is not open yet.
   *
   * @param target path and query, such as {@code /sse/connect?channel_id=a}
   * @param latencies takes how late each event is, in ns; null for none
   * @param isRead whether anything but the head of the answer is read before {@link
   *     StreamReader#readAll}
   */
  Stream(String target, @Nullable Recorder latencies, boolean isRead) {
    this.request =
        ("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    this.latencies = latencies;
    this.isRead = isRead;
  }

  /** Keeps the beginning of a line that has not come whole. */
  void keep(ByteBuffer rest) {
    if (!rest.hasRemaining()) {
      return;
    }
    ByteBuffer kept = carry;
    if (kept == null || kept.capacity() < rest.remaining()) {
      kept = ByteBuffer.allocate(Math.max(512, Math.min(CARRY_BYTES, rest.remaining() * 2)));
      carry = kept;
    }
    kept.clear();
    kept.put(rest);
    kept.flip();
  }
}
