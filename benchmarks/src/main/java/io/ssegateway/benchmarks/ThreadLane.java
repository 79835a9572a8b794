package io.ssegateway.benchmarks;

import io.ssegateway.engine.LaneExecutor;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A lane's thread that does nothing else and allocates nothing for a task, so that what is measured
 * on it is the lane's.
 */
final class ThreadLane implements LaneExecutor, AutoCloseable {
  static final String THREAD_NAME = "bench-lane";

  private final ArrayBlockingQueue<Runnable> tasks = new ArrayBlockingQueue<>(1024);
  private final DelayedTasks delayed = new DelayedTasks();
  private final Thread thread = new Thread(this::loop, THREAD_NAME);
  private volatile boolean open = true;

  ThreadLane() {
    thread.setDaemon(true);
    thread.start();
  }

  private void loop() {
    while (open) {
      try {
        Runnable task = tasks.poll(delayed.nsToNext(), TimeUnit.NANOSECONDS);
        if (task != null) {
          task.run();
        }
        delayed.runDue();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  @Override
  public void execute(Runnable task) {
    if (open) {
      tasks.add(task);
    }
  }

  @Override
  public void schedule(Runnable task, long delayMs) {
    delayed.add(task, delayMs);
  }

  @Override
  public boolean inLane() {
    return Thread.currentThread() == thread;
  }

  /** Ends the thread after the task under way. */
  @Override
  public void close() {
    open = false;
    thread.interrupt();
  }
}
