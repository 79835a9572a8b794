package io.ssegateway.sources.kafka;

import java.time.Instant;

/**
 * Where a partition is begun that the journal knows nothing of. A partition or topic that appears
 * while the source runs is always read from its beginning. Immutable.
 *
 * @param kind how the place is found
 * @param timestampMs ms since 1970 for {@link Kind#TIMESTAMP}, else 0
 */
public record StartPosition(Kind kind, long timestampMs) {
  /** How the place is found. */
  public enum Kind {
    /** Behind what is there. */
    LATEST,
    /** At the oldest record that is still there. */
    EARLIEST,
    /** At the first record of a time or later. */
    TIMESTAMP
  }

  /** Behind what is there. */
  public static final StartPosition LATEST = new StartPosition(Kind.LATEST, 0);

  /** At the oldest record that is still there. */
  public static final StartPosition EARLIEST = new StartPosition(Kind.EARLIEST, 0);

  /**
   * Checks the time.
   *
   * @throws IllegalArgumentException if it is out of bounds
   */
  public StartPosition {
    if (timestampMs < 0 || (timestampMs > 0 && kind != Kind.TIMESTAMP)) {
      throw new IllegalArgumentException(
          "timestampMs: " + timestampMs + " (expected: >= 0, and 0 for " + kind + ")");
    }
  }

  /** At the first record of that time or later. */
  public static StartPosition at(Instant time) {
    return new StartPosition(Kind.TIMESTAMP, time.toEpochMilli());
  }
}
