package io.ssegateway.storage.chronicle;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The format of a record, version 1, little-endian. It is the content of one excerpt of the queue.
 *
 * <pre>
 *    0 int    CRC-32C of everything after it
 *    4 int    length of the record, this header included
 *    8 byte   version
 *    9 byte   kind: EVENT, START or OFFSET
 *   10 short  bytes of the channel, -1 for a broadcast
 *   12 short  bytes of the type, 0 for the default
 *   14 short  bytes of the publisher's id, -1 for none
 *   16 long   position of this record
 *   24 long   position of the event of the same channel before; 0 if there was none; negative if
 *             that is not known: then minus the position up to which there may have been one
 *   32 long   position of the last event of the channel before this whose number is a multiple of
 *             {@link #SKIP_INTERVAL}, or 0
 *   40 long   number of the event in its channel, from 1
 *   48 long   publish time, ms since 1970
 *   56 int    reconnection time in ms, or -1
 *   60 short  bytes of the source's partition, -1 for none
 *   62 short  bytes of the source's offset
 *   64 int    bytes of the frame body
 *   68 int    offset of the payload from the start of the record: inside the body, or behind it
 *   72 int    bytes of the payload
 *   76 int    a number that hardly stands there by chance
 *   80        channel, type, publisher's id, partition, offset, body, and the payload if it is not
 *             in the body as it is
 * </pre>
 *
 * The first record of a file is a START: its type is the epoch, its previous position is the last
 * record of the file before, its skip and number are position and number of the newest broadcast.
 * OFFSET records follow it, one for each partition of a source, so that what retention removes is
 * not all that knows them.
 */
final class RecordLayout {
  static final byte VERSION = 1;
  static final byte EVENT = 1;
  static final byte START = 2;
  static final byte OFFSET = 3;

  static final int CRC = 0;
  static final int LENGTH = 4;
  static final int VERSION_AT = 8;
  static final int KIND = 9;
  static final int CHANNEL_LENGTH = 10;
  static final int TYPE_LENGTH = 12;
  static final int PUBLISHER_ID_LENGTH = 14;
  static final int POSITION = 16;
  static final int PREVIOUS = 24;
  static final int SKIP = 32;
  static final int ORDINAL = 40;
  static final int PUBLISH_TIME = 48;
  static final int RETRY = 56;
  static final int PARTITION_LENGTH = 60;
  static final int OFFSET_LENGTH = 62;
  static final int BODY_LENGTH = 64;
  static final int PAYLOAD_AT = 68;
  static final int PAYLOAD_LENGTH = 72;
  static final int MAGIC_AT = 76;
  static final int HEADER_LENGTH = 80;

  static final int MAGIC = 0x31_4A_47_53;

  /** Every so many events of a channel there is one to which the later ones point. */
  static final int SKIP_INTERVAL = 128;

  static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  private RecordLayout() {}

  static int length(DirectBuffer buffer, int at) {
    return buffer.getInt(at + LENGTH, ORDER);
  }

  static byte kind(DirectBuffer buffer, int at) {
    return buffer.getByte(at + KIND);
  }

  static long position(DirectBuffer buffer, int at) {
    return buffer.getLong(at + POSITION, ORDER);
  }

  static long previous(DirectBuffer buffer, int at) {
    return buffer.getLong(at + PREVIOUS, ORDER);
  }

  static long skip(DirectBuffer buffer, int at) {
    return buffer.getLong(at + SKIP, ORDER);
  }

  static long ordinal(DirectBuffer buffer, int at) {
    return buffer.getLong(at + ORDINAL, ORDER);
  }

  static long publishTimeMs(DirectBuffer buffer, int at) {
    return buffer.getLong(at + PUBLISH_TIME, ORDER);
  }

  static int retryMs(DirectBuffer buffer, int at) {
    return buffer.getInt(at + RETRY, ORDER);
  }

  static int bodyLength(DirectBuffer buffer, int at) {
    return buffer.getInt(at + BODY_LENGTH, ORDER);
  }

  static int payloadAt(DirectBuffer buffer, int at) {
    return buffer.getInt(at + PAYLOAD_AT, ORDER);
  }

  static int payloadLength(DirectBuffer buffer, int at) {
    return buffer.getInt(at + PAYLOAD_LENGTH, ORDER);
  }

  private static int textLength(DirectBuffer buffer, int at, int field) {
    return Math.max(0, buffer.getShort(at + field, ORDER));
  }

  private static int typeAt(DirectBuffer buffer, int at) {
    return HEADER_LENGTH + textLength(buffer, at, CHANNEL_LENGTH);
  }

  private static int publisherIdAt(DirectBuffer buffer, int at) {
    return typeAt(buffer, at) + textLength(buffer, at, TYPE_LENGTH);
  }

  private static int partitionAt(DirectBuffer buffer, int at) {
    return publisherIdAt(buffer, at) + textLength(buffer, at, PUBLISHER_ID_LENGTH);
  }

  private static int offsetAt(DirectBuffer buffer, int at) {
    return partitionAt(buffer, at) + textLength(buffer, at, PARTITION_LENGTH);
  }

  /** Where the frame body stands, from the start of the record. */
  static int bodyAt(DirectBuffer buffer, int at) {
    return offsetAt(buffer, at) + textLength(buffer, at, OFFSET_LENGTH);
  }

  static @Nullable String channel(DirectBuffer buffer, int at) {
    return text(buffer, at, CHANNEL_LENGTH, HEADER_LENGTH);
  }

  /** The type, empty for the default; of a START the epoch. */
  static String type(DirectBuffer buffer, int at) {
    String type = text(buffer, at, TYPE_LENGTH, typeAt(buffer, at));
    return type == null ? "" : type;
  }

  static @Nullable String publisherId(DirectBuffer buffer, int at) {
    return text(buffer, at, PUBLISHER_ID_LENGTH, publisherIdAt(buffer, at));
  }

  static @Nullable String partition(DirectBuffer buffer, int at) {
    return text(buffer, at, PARTITION_LENGTH, partitionAt(buffer, at));
  }

  static String offset(DirectBuffer buffer, int at) {
    String offset = text(buffer, at, OFFSET_LENGTH, offsetAt(buffer, at));
    return offset == null ? "" : offset;
  }

  private static @Nullable String text(DirectBuffer buffer, int at, int field, int textAt) {
    int length = buffer.getShort(at + field, ORDER);
    if (length < 0) {
      return null;
    }
    byte[] bytes = new byte[length];
    buffer.getBytes(at + textAt, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
