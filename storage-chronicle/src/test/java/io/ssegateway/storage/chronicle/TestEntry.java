package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.frame.SseFrame;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.Refusal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** An event to append, laid out as the ring lays it out. */
final class TestEntry implements JournalEntry {
  private static final int BODY_OFFSET = 88;

  String channel;
  String type = SseFrame.DEFAULT_TYPE;
  String publisherId;
  int retryMs = -1;
  SourceOffset sourceOffset;
  long publishTimeMs = System.currentTimeMillis();
  UnsafeBuffer buffer;
  int payloadOffset;
  int payloadLength;
  int bodyLength;

  long position;
  Refusal refusal;
  String refusalDetail;

  TestEntry() {
    this(4096);
  }

  TestEntry(int capacity) {
    buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(capacity));
  }

  static TestEntry of(String channel, String data) {
    return new TestEntry(data.length() * 7 + 4096).fill(channel, data);
  }

  TestEntry fill(String newChannel, String data) {
    channel = newChannel;
    return payload(data.getBytes(StandardCharsets.UTF_8));
  }

  TestEntry payload(byte[] payload) {
    UnsafeBuffer from = new UnsafeBuffer(payload);
    int lineBreaks = SseFrame.countLineBreaks(from, 0, payload.length);
    int fields = SseFrame.putFields(buffer, BODY_OFFSET, type, publisherId, retryMs, null);
    int at = BODY_OFFSET + fields;
    payloadLength = payload.length;
    if (lineBreaks == 0) {
      bodyLength = fields + SseFrame.putSingleLineData(buffer, at, from, 0, payload.length);
      payloadOffset = at + SseFrame.DATA_PREFIX_LENGTH;
    } else {
      bodyLength = fields + SseFrame.putData(buffer, at, from, 0, payload.length);
      payloadOffset = BODY_OFFSET + bodyLength;
      buffer.putBytes(payloadOffset, payload);
    }
    position = 0;
    refusal = null;
    return this;
  }

  @Override
  public String channel() {
    return channel;
  }

  @Override
  public String type() {
    return type;
  }

  @Override
  public String publisherId() {
    return publisherId;
  }

  @Override
  public int retryMs() {
    return retryMs;
  }

  @Override
  public SourceOffset sourceOffset() {
    return sourceOffset;
  }

  @Override
  public long publishTimeMs() {
    return publishTimeMs;
  }

  @Override
  public DirectBuffer buffer() {
    return buffer;
  }

  @Override
  public int payloadOffset() {
    return payloadOffset;
  }

  @Override
  public int payloadLength() {
    return payloadLength;
  }

  @Override
  public int bodyOffset() {
    return BODY_OFFSET;
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
  public void refused(Refusal newRefusal, String detail) {
    refusal = newRefusal;
    refusalDetail = detail;
  }
}
