package io.ssegateway.engine;

import com.lmax.disruptor.Sequence;

/**
 * Spins for a moment until the journal has come to a sequence. Where that often fails, because the
 * journal is slow or the machine has no processor to spare, it is tried ever more rarely. Owned by
 * a lane.
 */
final class JournalWatch {
  private static final long SPIN_NS = 60_000;
  private static final int MAX_SKIPS = 1024;

  private int skipsAfterFailure;
  private int skips;

  /** Whether the journal has come to the sequence. */
  boolean await(Sequence journalled, long sequence) {
    if (skips > 0) {
      skips--;
      return false;
    }
    long deadline = System.nanoTime() + SPIN_NS;
    while (journalled.get() < sequence) {
      if (System.nanoTime() - deadline >= 0) {
        skipsAfterFailure = Math.min(MAX_SKIPS, skipsAfterFailure * 2 + 1);
        skips = skipsAfterFailure;
        return false;
      }
      Thread.onSpinWait();
    }
    skipsAfterFailure /= 2;
    return true;
  }
}
