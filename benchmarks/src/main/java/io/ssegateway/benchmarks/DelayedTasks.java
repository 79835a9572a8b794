package io.ssegateway.benchmarks;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tasks of a lane for later. Any thread may add; one runs them. */
final class DelayedTasks {
  private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(10);

  private record Delayed(Runnable task, long dueNs) {}

  private final long startNs = System.nanoTime();
  private final PriorityQueue<Delayed> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Delayed::dueNs));

  private long nowNs() {
    return System.nanoTime() - startNs;
  }

  synchronized void add(Runnable task, long delayMs) {
    tasks.add(new Delayed(task, nowNs() + TimeUnit.MILLISECONDS.toNanos(delayMs)));
  }

  /** Time until one is due, at most 10 ms. */
  synchronized long nsToNext() {
    Delayed first = tasks.peek();
    return first == null ? IDLE_NS : Math.max(0, Math.min(IDLE_NS, first.dueNs - nowNs()));
  }

  /** Runs those whose time has come. */
  void runDue() {
    Runnable task = due();
    while (task != null) {
      task.run();
      task = due();
    }
  }

  private synchronized @Nullable Runnable due() {
    Delayed first = tasks.peek();
    if (first == null || first.dueNs > nowNs()) {
      return null;
    }
    tasks.remove();
    return first.task;
  }
}
