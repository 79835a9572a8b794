package io.ssegateway.sources.pubsub;

import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: twice as long each time, up to a bound, and by chance up to
 * half of it less, so that many nodes do not come back in step. Not thread-safe.
 */
final class Backoff {
  private final int minMs;
  private final int maxMs;
  private final RandomGenerator random;
  private int failures;

  Backoff(int minMs, int maxMs, RandomGenerator random) {
    this.minMs = minMs;
    this.maxMs = maxMs;
    this.random = random;
  }

  /** The next wait in ms. */
  long nextMs() {
    long full = Math.min(maxMs, (long) minMs << Math.min(failures, 30));
    failures++;
    return full - random.nextLong(full / 2 + 1);
  }

  /** It went well: the next wait is short again. */
  void reset() {
    failures = 0;
  }
}
