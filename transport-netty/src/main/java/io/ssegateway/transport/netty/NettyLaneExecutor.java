package io.ssegateway.transport.netty;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import io.ssegateway.engine.LaneExecutor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** An event loop as the thread of a lane. */
final class NettyLaneExecutor implements LaneExecutor {
  private final EventLoop loop;

  NettyLaneExecutor(EventLoop loop) {
    this.loop = loop;
  }

  @Override
  public void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // the loop has ended, and with it everything that the task could be about
    }
  }

  /**
   * A plain task would run in the same round, before the sockets. One that is queued when the
   * round's tasks are through runs in the next, after them.
   */
  @Override
  public void executeAfterIo(Runnable task) {
    if (loop instanceof SingleThreadEventLoop single) {
      single.executeAfterEventLoopIteration(() -> execute(task));
    } else {
      execute(task);
    }
  }

  @Override
  public void schedule(Runnable task, long delayMs) {
    try {
      loop.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // as above
    }
  }

  @Override
  public boolean inLane() {
    return loop.inEventLoop();
  }
}
