package io.ssegateway.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.PriorityQueue;

/**
 * A lane's thread that a test steps by hand, with a clock of its own. Tasks may come from any
 * thread; they run on the thread that steps.
 */
final class ManualLaneExecutor implements LaneExecutor {
  private record Timer(long dueMs, long order, Runnable task) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      int byTime = Long.compare(dueMs, other.dueMs);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final ArrayDeque<Runnable> afterIo = new ArrayDeque<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private long nowMs;
  private long timersMade;
  private Thread stepping;

  @Override
  public synchronized void execute(Runnable task) {
    tasks.add(task);
    notifyAll();
  }

  @Override
  public synchronized void executeAfterIo(Runnable task) {
    afterIo.add(task);
    notifyAll();
  }

  @Override
  public synchronized void schedule(Runnable task, long delayMs) {
    timers.add(new Timer(nowMs + delayMs, timersMade++, task));
  }

  @Override
  public synchronized long nanoTime() {
    return nowMs * 1_000_000;
  }

  @Override
  public synchronized boolean inLane() {
    return Thread.currentThread() == stepping;
  }

  /** The time of the lane's timers. */
  synchronized long nowMs() {
    return nowMs;
  }

  /** Runs the next task, those after IO last; false if there is none. */
  boolean step() {
    Runnable task;
    synchronized (this) {
      task = tasks.isEmpty() ? afterIo.poll() : tasks.poll();
      stepping = Thread.currentThread();
    }
    try {
      if (task != null) {
        task.run();
      }
      return task != null;
    } finally {
      synchronized (this) {
        stepping = null;
      }
    }
  }

  /** Runs a task at once, as if the lane had come to it, before those that wait. */
  void runNow(Runnable task) {
    synchronized (this) {
      tasks.addFirst(task);
    }
    step();
  }

  /** Runs tasks until none is left, without moving the clock. */
  void runAll() {
    while (step()) {
      // the next
    }
  }

  /** Moves the clock and runs the timers that fall due, each followed by the tasks it leaves. */
  void advance(long ms) {
    advance(ms, true);
  }

  /** Moves the clock and runs the timers that fall due, but not the tasks that wait. */
  void advanceTimers(long ms) {
    advance(ms, false);
  }

  private void advance(long ms, boolean withTasks) {
    long target = nowMs() + ms;
    while (true) {
      Timer due;
      synchronized (this) {
        Timer first = timers.peek();
        if (first == null || first.dueMs > target) {
          nowMs = target;
          break;
        }
        due = timers.poll();
        nowMs = Math.max(nowMs, due.dueMs);
      }
      runNow(due.task);
      if (withTasks) {
        runAll();
      }
    }
  }

  synchronized boolean hasTask() {
    return !tasks.isEmpty() || !afterIo.isEmpty();
  }

  /** Waits until another thread has given the lane something to do. */
  synchronized void awaitTask() {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (tasks.isEmpty() && afterIo.isEmpty()) {
      long leftMs = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        throw new AssertionError("the lane was given nothing to do within 10 s");
      }
      try {
        wait(leftMs);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
