package io.ssegateway.engine;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A lane's thread for an engine without event loops. */
final class ThreadLaneExecutor implements LaneExecutor {
  private final ScheduledThreadPoolExecutor executor;
  private volatile @Nullable Thread thread;

  ThreadLaneExecutor(int index) {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread t = NamedThreads.daemon("sse-lane-" + index, false).newThread(task);
              thread = t;
              return t;
            });
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setRemoveOnCancelPolicy(true);
  }

  @Override
  public void execute(Runnable task) {
    if (!executor.isShutdown()) {
      executor.execute(task);
    }
  }

  @Override
  public void schedule(Runnable task, long delayMs) {
    if (!executor.isShutdown()) {
      executor.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public boolean inLane() {
    return Thread.currentThread() == thread;
  }

  void stop() {
    executor.shutdown();
  }
}
