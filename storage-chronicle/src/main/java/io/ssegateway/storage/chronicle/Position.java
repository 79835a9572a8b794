package io.ssegateway.storage.chronicle;

/**
 * What a position is made of: the cycle of the roll file in the upper 32 bits, as in a Chronicle
 * index, and the offset of the record in the file in the lower 32. It grows with every record, is
 * known before the record is committed, and leads to the record without a search.
 */
final class Position {
  /** No record. */
  static final long NONE = 0;

  private Position() {}

  static long of(int cycle, long offset) {
    return ((long) cycle << 32) | offset;
  }

  static int cycle(long position) {
    return (int) (position >>> 32);
  }

  static long offset(long position) {
    return position & 0xFFFF_FFFFL;
  }

  /** For people: the file's cycle and the offset. */
  static String toString(long position) {
    return position + " (cycle " + cycle(position) + ", offset " + offset(position) + ")";
  }
}
