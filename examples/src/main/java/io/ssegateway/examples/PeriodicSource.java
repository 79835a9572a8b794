package io.ssegateway.examples;

import io.ssegateway.engine.Message;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.SourceContext;
import io.ssegateway.engine.SourceHealth;
import io.ssegateway.engine.SourceStats;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A source of one's own: publishes the time to a channel, again and again, and only while somebody
 * listens to it here.
 */
final class PeriodicSource implements MessageSource {
  private final String channel;
  private final Duration period;
  private final AtomicLong published = new AtomicLong();
  private final AtomicLong skipped = new AtomicLong();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "periodic-source");
            thread.setDaemon(true);
            return thread;
          });
  private volatile boolean wanted;

  PeriodicSource(String channel, Duration period) {
    this.channel = channel;
    this.period = period;
  }

  @Override
  public String name() {
    return "periodic";
  }

  @Override
  public void start(SourceContext context) {
    timer.scheduleAtFixedRate(() -> tick(context), 0, period.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void tick(SourceContext context) {
    if (!wanted) {
      return;
    }
    Message message = Message.of(channel, "tick", Instant.now().toString());
    // Never blocks. A tick that finds the ring full is worth nothing a moment later: it is counted.
    if (context.publisher().publish(message) == PublishResult.PUBLISHED) {
      published.incrementAndGet();
    } else {
      skipped.incrementAndGet();
    }
  }

  @Override
  public void onFirstSubscriber(String name) {
    if (name.equals(channel)) {
      wanted = true;
    }
  }

  @Override
  public void onLastSubscriber(String name) {
    if (name.equals(channel)) {
      wanted = false;
    }
  }

  @Override
  public SourceHealth health() {
    return timer.isShutdown() ? SourceHealth.down("closed") : SourceHealth.UP;
  }

  @Override
  public SourceStats stats() {
    return new SourceStats(published.get() + skipped.get(), 0, skipped.get(), 0, 0, -1);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
