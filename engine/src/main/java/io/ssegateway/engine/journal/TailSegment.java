package io.ssegateway.engine.journal;

import java.util.ArrayList;
import java.util.List;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A piece of an {@link EventTail}: an append-only buffer of records.
 *
 * <p>The tail's writer appends; readers read records that were reached through a volatile read of a
 * link or a head, which the writer stores after the record is whole. The only field of a record
 * that changes later is its link to the next record of the same channel.
 */
final class TailSegment {
  static final int HEADER_LENGTH = 48;

  private static final int POSITION = 0;
  private static final int PREVIOUS_POSITION = 8;
  private static final int PREVIOUS_ADDRESS = 16;
  private static final int NEXT_ADDRESS = 24;
  private static final int PUBLISH_TIME = 32;
  private static final int BODY_LENGTH = 40;

  /** Offset of the first record: makes records 8-byte aligned whatever an array's header takes. */
  private static final int FIRST_RECORD = alignment();

  final long number;
  final UnsafeBuffer buffer;

  // written and read by the writer alone
  final List<TailHead> heads;
  long firstTimeMs = Long.MAX_VALUE;
  long lastTimeMs;
  long firstPosition;
  long lastPosition;
  private int end = FIRST_RECORD;

  TailSegment(long number, int capacity) {
    this.number = number;
    this.buffer = new UnsafeBuffer(new byte[capacity + FIRST_RECORD]);
    this.heads = new ArrayList<>();
  }

  private TailSegment(long number, TailSegment dropped) {
    this.number = number;
    this.buffer = dropped.buffer;
    this.heads = dropped.heads;
    heads.clear();
  }

  /** An empty segment with the memory of this one, which nobody may use any more. */
  TailSegment renumbered(long newNumber) {
    return new TailSegment(newNumber, this);
  }

  /** Bytes of records that it holds when it is full. */
  int room() {
    return buffer.capacity() - FIRST_RECORD;
  }

  private static int alignment() {
    return (int) (-new UnsafeBuffer(new byte[8]).addressOffset() & 7);
  }

  static int recordLength(int bodyLength) {
    return BitUtil.align(HEADER_LENGTH + bodyLength, 8);
  }

  boolean hasRoom(int recordLength) {
    return end + recordLength <= buffer.capacity();
  }

  /** Adds a record and answers its offset. */
  int append(
      long position,
      long previousPosition,
      long previousAddress,
      long publishTimeMs,
      DirectBuffer body,
      int bodyOffset,
      int bodyLength) {
    int offset = end;
    buffer.putLong(offset + POSITION, position);
    buffer.putLong(offset + PREVIOUS_POSITION, previousPosition);
    buffer.putLong(offset + PREVIOUS_ADDRESS, previousAddress);
    buffer.putLong(offset + NEXT_ADDRESS, EventTail.NIL);
    buffer.putLong(offset + PUBLISH_TIME, publishTimeMs);
    buffer.putInt(offset + BODY_LENGTH, bodyLength);
    buffer.putBytes(offset + HEADER_LENGTH, body, bodyOffset, bodyLength);
    end = offset + recordLength(bodyLength);
    if (firstTimeMs == Long.MAX_VALUE) {
      firstTimeMs = publishTimeMs;
      firstPosition = position;
    }
    lastTimeMs = Math.max(lastTimeMs, publishTimeMs);
    lastPosition = position;
    return offset;
  }

  long address(int offset) {
    return (number << 32) | offset;
  }

  static long numberOf(long address) {
    return address >>> 32;
  }

  static int offsetOf(long address) {
    return (int) address;
  }

  void link(int offset, long nextAddress) {
    buffer.putLongOrdered(offset + NEXT_ADDRESS, nextAddress);
  }

  long next(int offset) {
    return buffer.getLongVolatile(offset + NEXT_ADDRESS);
  }

  long position(int offset) {
    return buffer.getLong(offset + POSITION);
  }

  long previousPosition(int offset) {
    return buffer.getLong(offset + PREVIOUS_POSITION);
  }

  long previousAddress(int offset) {
    return buffer.getLong(offset + PREVIOUS_ADDRESS);
  }

  int bodyLength(int offset) {
    return buffer.getInt(offset + BODY_LENGTH);
  }

  int capacity() {
    return buffer.capacity();
  }
}
