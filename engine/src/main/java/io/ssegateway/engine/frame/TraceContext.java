package io.ssegateway.engine.frame;

import org.jspecify.annotations.Nullable;

/**
 * The trace that a message was published in, by <a href="https://www.w3.org/TR/trace-context/">W3C
 * Trace Context</a>. Immutable and checked.
 *
 * @param traceparent version 00: {@code 00-<trace id>-<parent id>-<flags>}
 * @param tracestate what vendors add, handed on as it is; null for nothing
 */
public record TraceContext(String traceparent, @Nullable String tracestate) {
  /** Most characters of {@code tracestate}; of a longer one nothing is kept. */
  public static final int MAX_STATE_LENGTH = 512;

  private static final int LENGTH = 55;
  private static final int TRACE_ID = 3;
  private static final int PARENT_ID = 36;
  private static final int FLAGS = 53;
  private static final String VERSION = "00";

  /**
   * Checks.
   *
   * @throws IllegalArgumentException if it is no trace context of version 00
   */
  public TraceContext {
    if (traceparent.length() != LENGTH
        || !traceparent.startsWith(VERSION)
        || !isTraceparent(traceparent)) {
      throw new IllegalArgumentException(
          "traceparent: \""
              + traceparent.substring(0, Math.min(64, traceparent.length()))
              + "\" (expected: 00-, 32, 16 and 2 lower-case hex digits, joined by dashes)");
    }
    if (tracestate != null && !isTracestate(tracestate)) {
      throw new IllegalArgumentException(
          "tracestate: "
              + tracestate.length()
              + " characters (expected: 1 to "
              + MAX_STATE_LENGTH
              + " printable ones of ASCII)");
    }
  }

  /**
   * Reads the two fields as they came. What the standard calls invalid is no trace context; of a
   * later version is read what version 00 knows of it; a {@code tracestate} that is invalid or too
   * long is left out.
   *
   * @return null if there is none, or if it is invalid
   */
  public static @Nullable TraceContext parse(
      @Nullable String traceparent, @Nullable String tracestate) {
    if (traceparent == null || !isTraceparent(traceparent)) {
      return null;
    }
    String known = traceparent;
    if (!traceparent.startsWith(VERSION)) {
      boolean sampled = (Character.digit(traceparent.charAt(FLAGS + 1), 16) & 1) != 0;
      known = VERSION + traceparent.substring(2, FLAGS) + (sampled ? "01" : "00");
    }
    return new TraceContext(
        known, tracestate != null && isTracestate(tracestate) ? tracestate : null);
  }

  private static boolean isTraceparent(String text) {
    if (text.length() < LENGTH || !isHex(text, 0, 2) || text.startsWith("ff")) {
      return false;
    }
    boolean whole =
        text.length() == LENGTH || (!text.startsWith(VERSION) && text.charAt(LENGTH) == '-');
    return whole
        && text.charAt(TRACE_ID - 1) == '-'
        && isId(text, TRACE_ID, PARENT_ID - 1)
        && text.charAt(PARENT_ID - 1) == '-'
        && isId(text, PARENT_ID, FLAGS - 1)
        && text.charAt(FLAGS - 1) == '-'
        && isHex(text, FLAGS, LENGTH);
  }

  private static boolean isId(String text, int from, int to) {
    return isHex(text, from, to) && !text.substring(from, to).chars().allMatch(c -> c == '0');
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  /** Not whether its members are right: whoever forwards it may leave that to those who read it. */
  private static boolean isTracestate(String text) {
    return !text.isBlank()
        && text.length() <= MAX_STATE_LENGTH
        && text.chars().allMatch(c -> c == '\t' || (c >= ' ' && c < 127));
  }

  /** The id of the trace: 32 hex digits. */
  public String traceId() {
    return traceparent.substring(TRACE_ID, PARENT_ID - 1);
  }
}
