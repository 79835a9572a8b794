package io.ssegateway.benchmarks;

import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.frame.SseFrame;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.Refusal;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An entry as the ring would hand it to a journal, encoded once and appended again and again, to
 * one channel after the other. Not thread-safe.
 */
final class SampleEntry implements JournalEntry {
  private final String[] channels;
  private final UnsafeBuffer buffer;
  private final int payloadLength;
  private final int bodyLength;
  private final long publishTimeMs = System.currentTimeMillis();
  private int next;
  private long position;

  SampleEntry(String[] channels, int payloadLength) {
    this.channels = channels;
    this.payloadLength = payloadLength;
    UnsafeBuffer payload = new UnsafeBuffer(Payloads.utf8(payloadLength));
    int capacity = SseFrame.maxBodyLength(SseFrame.DEFAULT_TYPE, null, null, payloadLength, 0);
    this.buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(capacity));
    this.bodyLength = SseFrame.putSingleLineData(buffer, 0, payload, 0, payloadLength);
  }

  /** Turns to the next channel. */
  SampleEntry advance() {
    next = next + 1 == channels.length ? 0 : next + 1;
    return this;
  }

  /** The position that it was told last. */
  long position() {
    return position;
  }

  @Override
  public String channel() {
    return channels[next];
  }

  @Override
  public String type() {
    return SseFrame.DEFAULT_TYPE;
  }

  @Override
  public @Nullable String publisherId() {
    return null;
  }

  @Override
  public int retryMs() {
    return -1;
  }

  @Override
  public @Nullable SourceOffset sourceOffset() {
    return null;
  }

  @Override
  public long publishTimeMs() {
    return publishTimeMs;
  }

  @Override
  public UnsafeBuffer buffer() {
    return buffer;
  }

  @Override
  public int payloadOffset() {
    return SseFrame.DATA_PREFIX_LENGTH;
  }

  @Override
  public int payloadLength() {
    return payloadLength;
  }

  @Override
  public int bodyOffset() {
    return 0;
  }

  @Override
  public int bodyLength() {
    return bodyLength;
  }

  @Override
  public void journalled(long newPosition) {
    position = newPosition;
  }

  @Override
  public void refused(Refusal refusal, String detail) {
    throw new IllegalStateException("the journal refused an event: " + refusal + ", " + detail);
  }
}
