package io.ssegateway.engine;

/**
 * How long something took, by how often: a snapshot of a {@link Timing}. Times are rounded up to
 * the end of a bucket that is at most 6.25 % wide, and at least 1 µs. Immutable.
 */
public final class TimeHistogram {
  private final long[] buckets;
  private final long count;
  private final long sumNs;

  TimeHistogram(long[] buckets, long sumNs) {
    this.buckets = buckets;
    this.sumNs = sumNs;
    long total = 0;
    for (long bucket : buckets) {
      total += bucket;
    }
    this.count = total;
  }

  /** How many spans of time were counted. */
  public long count() {
    return count;
  }

  /** All of them together, in ns. */
  public long sumNs() {
    return sumNs;
  }

  /**
   * The time that a share of all did not exceed, in µs; 0 if nothing was counted.
   *
   * @param share from 0 to 1, such as 0.99
   * @throws IllegalArgumentException if the share is another number
   */
  public long percentileUs(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("share: " + share + " (expected: from 0 to 1)");
    }
    long rank = Math.max(1, (long) Math.ceil(share * count));
    long seen = 0;
    for (int i = 0; i < buckets.length; i++) {
      seen += buckets[i];
      if (seen >= rank) {
        return TimeRecorder.upperBoundUs(i);
      }
    }
    return 0;
  }

  /**
   * How many took less than a time. Exact for powers of two.
   *
   * @param us in µs, {@code > 0}
   */
  public long countBelowUs(long us) {
    long below = 0;
    for (int i = 0; i < buckets.length && TimeRecorder.upperBoundUs(i) < us; i++) {
      below += buckets[i];
    }
    return below;
  }

  /** What was counted since an earlier snapshot of the same timing. */
  public TimeHistogram since(TimeHistogram earlier) {
    long[] delta = new long[buckets.length];
    for (int i = 0; i < delta.length; i++) {
      delta[i] = Math.max(0, buckets[i] - earlier.buckets[i]);
    }
    return new TimeHistogram(delta, Math.max(0, sumNs - earlier.sumNs));
  }

  @Override
  public String toString() {
    return "TimeHistogram[count="
        + count
        + ", p50="
        + percentileUs(0.5)
        + " µs, p99="
        + percentileUs(0.99)
        + " µs]";
  }
}
