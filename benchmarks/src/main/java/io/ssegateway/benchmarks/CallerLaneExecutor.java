package io.ssegateway.benchmarks;

import io.ssegateway.engine.LaneExecutor;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * A lane without a thread of its own: what it is given runs when the owner, one thread at a time,
 * calls {@link #run}. So a benchmark can measure the lane's work without a hand-over. Any thread
 * may give it tasks.
 */
final class CallerLaneExecutor implements LaneExecutor {
  private final ArrayBlockingQueue<Runnable> tasks = new ArrayBlockingQueue<>(1024);
  private final DelayedTasks delayed = new DelayedTasks();

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public void schedule(Runnable task, long delayMs) {
    delayed.add(task, delayMs);
  }

  /** Stands still, so that the lane never finds itself so busy that it had better wait. */
  @Override
  public long nanoTime() {
    return 0;
  }

  @Override
  public boolean inLane() {
    return true;
  }

  boolean hasTasks() {
    return !tasks.isEmpty();
  }

  /** Runs what is there now; tasks that these add are for the next call. */
  void run() {
    for (int left = tasks.size(); left > 0; left--) {
      Runnable task = tasks.poll();
      if (task != null) {
        task.run();
      }
    }
    delayed.runDue();
  }
}
