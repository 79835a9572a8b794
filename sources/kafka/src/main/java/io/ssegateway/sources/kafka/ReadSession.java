package io.ssegateway.sources.kafka;

import io.ssegateway.engine.SourceHealth;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.jspecify.annotations.Nullable;

/**
 * The loop of one consumer, from its making to its failure: look for news, publish, poll. While the
 * ring is full the partitions are paused and the polls go on. Owned by the source's thread.
 */
final class ReadSession {
  private static final Duration IDLE_POLL = Duration.ofMillis(100);
  private static final int MAX_BLOCKED_POLL_MS = 8;
  private static final long GAUGE_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(50);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final TopicWatch watch;
  private final PartitionReader reader;
  private final PublishQueue queue;
  private final SourceCounters counters;
  private final Consumer<SourceHealth> healthSink;
  private final ConnectionGauge connection;

  private List<String> troubles = List.of();
  private boolean paused;
  private int blockedPollMs = 1;
  private boolean wasConnected;
  private long gaugeAtNs = System.nanoTime();

  ReadSession(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicWatch watch,
      PartitionReader reader,
      PublishQueue queue,
      SourceCounters counters,
      Consumer<SourceHealth> healthSink) {
    this.consumer = consumer;
    this.watch = watch;
    this.reader = reader;
    this.queue = queue;
    this.counters = counters;
    this.healthSink = healthSink;
    this.connection = new ConnectionGauge(consumer.metrics());
  }

  /** One round. Returns after 100 ms if nothing happens. */
  void step() {
    long now = System.nanoTime();
    Topology news = watch.poll(now);
    if (news != null) {
      reader.apply(consumer, news);
      troubles = news.troubles();
      paused = false;
    }
    boolean room = queue.drain(now);
    pause(!room);
    readGauges(now);
    poll(room);
  }

  private void pause(boolean pause) {
    if (pause && !paused) {
      consumer.pause(consumer.assignment());
      blockedPollMs = 1;
    } else if (!pause && !consumer.paused().isEmpty()) {
      consumer.resume(consumer.paused());
    }
    paused = pause;
  }

  private void poll(boolean room) {
    Duration wait = room ? IDLE_POLL : Duration.ofMillis(blockedPollMs);
    if (!room) {
      blockedPollMs = Math.min(MAX_BLOCKED_POLL_MS, blockedPollMs * 2);
    }
    if (consumer.assignment().isEmpty()) {
      pauseThread(wait);
      return;
    }
    try {
      reader.accept(consumer.poll(wait));
    } catch (OffsetOutOfRangeException e) {
      reader.moveIntoRange(consumer, e);
    }
  }

  /** A consumer without partitions cannot be polled. */
  private static void pauseThread(Duration wait) {
    try {
      TimeUnit.NANOSECONDS.sleep(wait.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
  }

  private void readGauges(long now) {
    if (now - gaugeAtNs < 0) {
      return;
    }
    gaugeAtNs = now + GAUGE_INTERVAL_NS;
    boolean connected = connection.isConnected();
    if (connected && !wasConnected && reader.wasUp()) {
      counters.reconnects.incrementAndGet();
    }
    wasConnected = connected;
    String trouble = trouble(connected);
    if (trouble == null) {
      reader.markUp();
    }
    healthSink.accept(trouble == null ? SourceHealth.UP : SourceHealth.down(trouble));
    counters.lag = connected ? lag(now) : -1;
  }

  private long lag(long now) {
    if (paused) {
      long lag = reader.lag(watch.ends(reader.partitions(), now));
      return lag < 0 ? counters.lag : lag;
    }
    return reader.lag(consumer);
  }

  private @Nullable String trouble(boolean connected) {
    String unreachable = watch.trouble();
    if (unreachable != null) {
      return unreachable;
    }
    if (!reader.isReady()) {
      return "connecting";
    }
    if (!connected && !consumer.assignment().isEmpty()) {
      return "no connection to any broker";
    }
    return troubles.isEmpty() ? null : String.join("; ", troubles);
  }
}
