package io.ssegateway.engine;

import java.util.concurrent.Executor;

/** The single thread that a {@link Lane} runs on, an event loop as a rule. Thread-safe. */
public interface LaneExecutor extends Executor {
  /** Runs a task on the lane's thread, after what was given before it. */
  @Override
  void execute(Runnable task);

  /**
   * Runs a task on the lane's thread after other work, sockets above all, has had its turn. Called
   * on the lane's thread.
   */
  default void executeAfterIo(Runnable task) {
    execute(task);
  }

  /** Runs a task on the lane's thread once the delay is over. */
  void schedule(Runnable task, long delayMs);

  /** The time that delays are measured in, in ns since any moment. Any thread. */
  default long nanoTime() {
    return System.nanoTime();
  }

  /** Whether the calling thread is the lane's. */
  boolean inLane();
}
