package io.ssegateway.benchmarks.load;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what other threads do. */
final class Waiting {
  private Waiting() {}

  /** Waits for a condition; throws with what is the matter if it does not come true in time. */
  static void until(long timeoutMs, BooleanSupplier condition, Supplier<String> otherwise)
      throws InterruptedException {
    if (!whileBefore(timeoutMs, condition)) {
      throw new IllegalStateException("after " + timeoutMs + " ms " + otherwise.get());
    }
  }

  /** Waits for a condition, but not for ever; answers whether it has come true. */
  static boolean whileBefore(long timeoutMs, BooleanSupplier condition)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
    return true;
  }
}
