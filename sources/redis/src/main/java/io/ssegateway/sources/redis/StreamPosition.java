package io.ssegateway.sources.redis;

/** Arithmetic on the ids of entries, {@code <ms>-<sequence>}. */
final class StreamPosition {
  /** Before the first entry. */
  static final String START = "0-0";

  private StreamPosition() {}

  /** The greatest id that is less; {@link #START} has none and answers itself. */
  static String before(String id) {
    int dash = id.indexOf('-');
    String ms = dash < 0 ? id : id.substring(0, dash);
    String sequence = dash < 0 ? "0" : id.substring(dash + 1);
    if (!sequence.equals("0")) {
      return ms + '-' + Long.toUnsignedString(Long.parseUnsignedLong(sequence) - 1);
    }
    return ms.equals("0")
        ? START
        : Long.toUnsignedString(Long.parseUnsignedLong(ms) - 1) + "-18446744073709551615";
  }

  /** Whether an id is greater than another. */
  static boolean isAfter(String a, String b) {
    int byMs = Long.compareUnsigned(part(a, 0), part(b, 0));
    return byMs > 0 || (byMs == 0 && Long.compareUnsigned(part(a, 1), part(b, 1)) > 0);
  }

  private static long part(String id, int index) {
    int dash = id.indexOf('-');
    if (index == 0) {
      return Long.parseUnsignedLong(dash < 0 ? id : id.substring(0, dash));
    }
    return dash < 0 ? 0 : Long.parseUnsignedLong(id.substring(dash + 1));
  }
}
