package io.ssegateway.storage.chronicle;

import static io.ssegateway.storage.chronicle.RecordLayout.HEADER_LENGTH;
import static io.ssegateway.storage.chronicle.RecordLayout.ORDER;

import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.frame.SseFrame;
import io.ssegateway.engine.journal.JournalEntry;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts a record together: the header and the texts in a buffer of its own, the bytes of the event
 * where they are. Makes no garbage. Not thread-safe.
 *
 * <p>{@link #begin} tells the length; {@link #writeTo} completes the record, once its position is
 * known, and copies it.
 */
final class RecordEncoder {
  private static final int MAX_TEXTS = 3 * (3 * 256 + 512 + 64);

  private final ByteBuffer headBytes = ByteBuffer.allocateDirect(HEADER_LENGTH + MAX_TEXTS);
  private final UnsafeBuffer head = new UnsafeBuffer(headBytes);
  private final CRC32C crc = new CRC32C();
  private int headLength;
  private int length;

  // the event's bytes
  private @Nullable DirectBuffer source;
  private int bodyOffset;
  private int bodyLength;
  private int extraOffset;
  private int extraLength;

  /** The buffer behind the event that came last, and a view of it. */
  private @Nullable ByteBuffer lastBytes;

  private @Nullable ByteBuffer lastView;

  /** Begins the record of an event and answers its length. */
  int begin(JournalEntry entry, long previous, long skip, long ordinal) {
    int at = HEADER_LENGTH;
    at = putText(RecordLayout.CHANNEL_LENGTH, at, entry.channel());
    at = putType(at, entry.type());
    at = putText(RecordLayout.PUBLISHER_ID_LENGTH, at, entry.publisherId());
    SourceOffset offset = entry.sourceOffset();
    at = putText(RecordLayout.PARTITION_LENGTH, at, offset == null ? null : offset.partition());
    at = putText(RecordLayout.OFFSET_LENGTH, at, offset == null ? null : offset.offset());
    headLength = at;
    source = entry.buffer();
    bodyOffset = entry.bodyOffset();
    bodyLength = entry.bodyLength();
    int payloadOffset = entry.payloadOffset();
    int payloadLength = entry.payloadLength();
    boolean inBody =
        payloadOffset >= bodyOffset && payloadOffset + payloadLength <= bodyOffset + bodyLength;
    extraOffset = payloadOffset;
    extraLength = inBody ? 0 : payloadLength;
    head.putInt(
        RecordLayout.PAYLOAD_AT, inBody ? at + payloadOffset - bodyOffset : at + bodyLength, ORDER);
    head.putInt(RecordLayout.PAYLOAD_LENGTH, payloadLength, ORDER);
    putNumbers(RecordLayout.EVENT, previous, skip, ordinal, entry.publishTimeMs(), entry.retryMs());
    return length;
  }

  /**
   * Begins the first record of a file and answers its length.
   *
   * @param broadcasts the newest broadcast, which retention may have removed long ago
   */
  int beginStart(String epoch, long previousEnd, ChannelHead broadcasts, long timeMs) {
    int at = putText(RecordLayout.CHANNEL_LENGTH, HEADER_LENGTH, null);
    at = putText(RecordLayout.TYPE_LENGTH, at, epoch);
    at = putText(RecordLayout.PUBLISHER_ID_LENGTH, at, null);
    int start = beginWithoutBody(RecordLayout.START, at, null, "", previousEnd, timeMs);
    head.putLong(RecordLayout.SKIP, broadcasts.position, ORDER);
    head.putLong(RecordLayout.ORDINAL, broadcasts.ordinal, ORDER);
    return start;
  }

  /** Begins a record of a partition's offset and answers its length. */
  int beginOffset(String partition, String offset, long timeMs) {
    int at = putText(RecordLayout.CHANNEL_LENGTH, HEADER_LENGTH, null);
    at = putText(RecordLayout.TYPE_LENGTH, at, "");
    at = putText(RecordLayout.PUBLISHER_ID_LENGTH, at, null);
    return beginWithoutBody(RecordLayout.OFFSET, at, partition, offset, 0, timeMs);
  }

  private int beginWithoutBody(
      byte kind, int from, @Nullable String partition, String offset, long previous, long timeMs) {
    int at = putText(RecordLayout.PARTITION_LENGTH, from, partition);
    at = putText(RecordLayout.OFFSET_LENGTH, at, offset);
    headLength = at;
    source = null;
    bodyLength = 0;
    extraLength = 0;
    head.putInt(RecordLayout.PAYLOAD_AT, at, ORDER);
    head.putInt(RecordLayout.PAYLOAD_LENGTH, 0, ORDER);
    putNumbers(kind, previous, 0, 0, timeMs, -1);
    return length;
  }

  private void putNumbers(
      byte kind, long previous, long skip, long ordinal, long timeMs, int retryMs) {
    length = headLength + bodyLength + extraLength;
    head.putInt(RecordLayout.LENGTH, length, ORDER);
    head.putByte(RecordLayout.VERSION_AT, RecordLayout.VERSION);
    head.putByte(RecordLayout.KIND, kind);
    head.putLong(RecordLayout.PREVIOUS, previous, ORDER);
    head.putLong(RecordLayout.SKIP, skip, ORDER);
    head.putLong(RecordLayout.ORDINAL, ordinal, ORDER);
    head.putLong(RecordLayout.PUBLISH_TIME, timeMs, ORDER);
    head.putInt(RecordLayout.RETRY, retryMs, ORDER);
    head.putInt(RecordLayout.BODY_LENGTH, bodyLength, ORDER);
    head.putInt(RecordLayout.MAGIC_AT, RecordLayout.MAGIC, ORDER);
  }

  private int putType(int at, String type) {
    return putText(RecordLayout.TYPE_LENGTH, at, SseFrame.DEFAULT_TYPE.equals(type) ? "" : type);
  }

  private int putText(int field, int at, @Nullable String text) {
    if (text == null) {
      head.putShort(field, (short) -1, ORDER);
      return at;
    }
    int bytes = Utf8.put(head, at, text);
    head.putShort(field, (short) bytes, ORDER);
    return at + bytes;
  }

  /** The length of the record that was begun. */
  int length() {
    return length;
  }

  /** Completes the record and copies it to where it has room for {@link #length} bytes. */
  void writeTo(UnsafeBuffer target, long position) {
    head.putLong(RecordLayout.POSITION, position, ORDER);
    crc.reset();
    headBytes.limit(headLength).position(RecordLayout.LENGTH);
    crc.update(headBytes);
    DirectBuffer bytes = source;
    if (bytes != null) {
      update(bytes, bodyOffset, bodyLength);
      if (extraLength > 0) {
        update(bytes, extraOffset, extraLength);
      }
      target.putBytes(headLength, bytes, bodyOffset, bodyLength);
      target.putBytes(headLength + bodyLength, bytes, extraOffset, extraLength);
    }
    head.putInt(RecordLayout.CRC, (int) crc.getValue(), ORDER);
    target.putBytes(0, head, 0, headLength);
  }

  @SuppressWarnings("ReferenceEquality") // the very buffer is meant
  private void update(DirectBuffer bytes, int offset, int count) {
    byte[] array = bytes.byteArray();
    if (array != null) {
      crc.update(array, bytes.wrapAdjustment() + offset, count);
      return;
    }
    ByteBuffer behind = bytes.byteBuffer();
    if (behind == null) {
      throw new IllegalArgumentException("buffer: bare memory (expected: an array or a buffer)");
    }
    ByteBuffer view = lastView;
    if (view == null || behind != lastBytes) {
      view = behind.duplicate();
      lastView = view;
      lastBytes = behind;
    }
    int from = bytes.wrapAdjustment() + offset;
    view.limit(from + count).position(from);
    crc.update(view);
  }

  /** Bytes that a record adds to its body and payload at most. */
  static int maxOverhead() {
    return BitUtil.align(HEADER_LENGTH + MAX_TEXTS, 8);
  }
}
