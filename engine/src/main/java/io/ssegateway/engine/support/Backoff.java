package io.ssegateway.engine.support;

import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: twice as long each time, up to a bound, and by chance up to
 * half of it less, so that many nodes do not come back in step. Not thread-safe.
 */
public final class Backoff {
  private final int minMs;
  private final int maxMs;
  private final RandomGenerator random;
  private int failures;

  /**
   * Creates a wait.
   *
   * @param minMs least time in ms, {@code > 0}
   * @param maxMs most time in ms, {@code >= minMs}
   * @param random where the chance comes from
   */
  public Backoff(int minMs, int maxMs, RandomGenerator random) {
    if (minMs <= 0 || maxMs < minMs) {
      throw new IllegalArgumentException(
          "minMs: " + minMs + ", maxMs: " + maxMs + " (expected: 0 < minMs <= maxMs)");
    }
    this.minMs = minMs;
    this.maxMs = maxMs;
    this.random = random;
  }

  /** The next wait in ms. */
  public long nextMs() {
    long full = Math.min(maxMs, (long) minMs << Math.min(failures, 30));
    failures++;
    return full - random.nextLong(full / 2 + 1);
  }

  /** It went well: the next wait is short again. */
  public void reset() {
    failures = 0;
  }
}
