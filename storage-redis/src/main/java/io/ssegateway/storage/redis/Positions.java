package io.ssegateway.storage.redis;

import io.ssegateway.engine.journal.JournalException;
import java.nio.charset.StandardCharsets;

/**
 * Positions and the ids of Redis Streams, one to one and in the same order: an id is {@code
 * <ms>-<sequence>}, and a position has the ms in its upper 43 bits and the sequence, which the
 * scripts keep below 2^20, in its lower 20. Good until the year 2248.
 */
final class Positions {
  private static final int SEQUENCE_BITS = 20;
  private static final long MAX_SEQUENCE = (1L << SEQUENCE_BITS) - 1;
  private static final long MAX_MS = (1L << (63 - SEQUENCE_BITS)) - 1;

  private Positions() {}

  /**
   * The position of an id.
   *
   * @throws JournalException if no script of this journal can have written the id
   */
  static long of(String id) {
    int dash = id.indexOf('-');
    try {
      long ms = Long.parseLong(id.substring(0, Math.max(0, dash)));
      long sequence = Long.parseLong(id.substring(dash + 1));
      if (ms >= 0 && ms <= MAX_MS && sequence >= 0 && sequence <= MAX_SEQUENCE) {
        return ms << SEQUENCE_BITS | sequence;
      }
    } catch (NumberFormatException e) {
      throw new JournalException("id: \"" + id + "\" (expected: <ms>-<sequence>)", e);
    }
    throw new JournalException(
        "id: \"" + id + "\" (expected: at most " + MAX_MS + '-' + MAX_SEQUENCE + ")");
  }

  static long of(byte[] id) {
    return of(new String(id, StandardCharsets.US_ASCII));
  }

  /** The id of a position. */
  static String id(long position) {
    return (position >>> SEQUENCE_BITS) + "-" + (position & MAX_SEQUENCE);
  }
}
