package io.ssegateway.transport.netty;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that gathers and writes what operators ask for, so that no event loop is held up by a
 * walk over all channels. Thread-safe; bounded.
 */
final class StatsThread implements AutoCloseable {
  /** Questions that may wait. */
  private static final int MAX_WAITING = 64;

  private static final Logger LOG = LoggerFactory.getLogger(StatsThread.class);

  private final ScheduledThreadPoolExecutor executor;

  StatsThread() {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "sse-stats");
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    executor.setKeepAliveTime(30, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * Answers an exchange with JSON that is written on this thread.
   *
   * @throws HttpProblem if too many questions wait already
   */
  void answer(HttpExchange exchange, Json.Writer writer) {
    if (executor.getQueue().size() >= MAX_WAITING) {
      throw HttpProblem.retryLater(503, "too many questions about statistics wait: try again");
    }
    try {
      executor.execute(() -> write(exchange, writer));
    } catch (RejectedExecutionException e) {
      throw HttpProblem.retryLater(503, "the gateway is closed").closing();
    }
  }

  private static void write(HttpExchange exchange, Json.Writer writer) {
    try {
      byte[] content = Json.write(writer);
      exchange.onLoop(() -> exchange.respond(200, Responses.JSON, content));
    } catch (RuntimeException e) {
      LOG.error("statistics could not be gathered", e);
      exchange.onLoop(
          () -> exchange.respond(HttpProblem.of(500, "the request failed; the log tells more")));
    }
  }

  /** Runs a task every second until it is cancelled. */
  Future<?> everySecond(Runnable task) {
    return executor.scheduleAtFixedRate(task, 1, 1, TimeUnit.SECONDS);
  }

  /** Runs a task soon. */
  void execute(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      // the gateway is closed: nobody is left to be told
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
