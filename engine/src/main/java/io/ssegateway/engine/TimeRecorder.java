package io.ssegateway.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts spans of time in buckets, as HdrHistogram does, with one writer that any thread may read.
 * No contention, no fence and no allocation. A reader sees each bucket as it was at some moment.
 *
 * <p>Below 16 µs a bucket is one µs wide; from there on every power of two is cut into 16 buckets,
 * so that a bucket is at most 6.25 % wide. What is longer than 134 s counts as that.
 */
final class TimeRecorder {
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

  private static final int SUB_BUCKET_BITS = 4;
  private static final int SUB_BUCKETS = 1 << SUB_BUCKET_BITS;
  private static final int MAX_EXPONENT = 26;
  private static final long MAX_US = (1L << (MAX_EXPONENT + 1)) - 1;

  /** Number of buckets. */
  static final int BUCKETS = (MAX_EXPONENT - SUB_BUCKET_BITS + 2) * SUB_BUCKETS;

  private static final int SUM = BUCKETS;

  /** A cache line on either side, so that recorders of different writers do not share one. */
  private static final int PADDING = 8;

  private final long[] values = new long[BUCKETS + 1 + 2 * PADDING];

  /**
   * Notes a span of time.
   *
   * @param ns less than 0 counts as 0
   * @param count how often it is counted
   */
  void record(long ns, long count) {
    long span = Math.max(0, ns);
    add(bucketOf((span + 999) / 1000), count);
    add(SUM, span * count);
  }

  private void add(int index, long delta) {
    int i = index + PADDING;
    ELEMENT.setOpaque(values, i, values[i] + delta);
  }

  /** Adds what was recorded to an array of {@link #BUCKETS}, and answers the sum in ns. */
  long addTo(long[] buckets) {
    for (int i = 0; i < BUCKETS; i++) {
      buckets[i] += (long) ELEMENT.getOpaque(values, i + PADDING);
    }
    return (long) ELEMENT.getOpaque(values, SUM + PADDING);
  }

  private static int bucketOf(long us) {
    long value = Math.min(us, MAX_US);
    if (value < SUB_BUCKETS) {
      return (int) value;
    }
    int exponent = 63 - Long.numberOfLeadingZeros(value);
    int shift = exponent - SUB_BUCKET_BITS;
    return (shift + 1) * SUB_BUCKETS + (int) (value >>> shift) - SUB_BUCKETS;
  }

  /** The greatest number of µs that falls into a bucket. */
  static long upperBoundUs(int bucket) {
    if (bucket < SUB_BUCKETS) {
      return bucket;
    }
    int shift = bucket / SUB_BUCKETS - 1;
    long sub = bucket % SUB_BUCKETS + (long) SUB_BUCKETS;
    return ((sub + 1) << shift) - 1;
  }
}
