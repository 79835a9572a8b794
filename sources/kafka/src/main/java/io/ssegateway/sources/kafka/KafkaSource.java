package io.ssegateway.sources.kafka;

import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.SourceContext;
import io.ssegateway.engine.SourceHealth;
import io.ssegateway.engine.SourceStats;
import io.ssegateway.engine.support.Backoff;
import io.ssegateway.engine.support.RateLimitedLog;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source that reads Kafka topics: every partition, on every node, without a group. Thread-safe;
 * one thread of its own polls, and nothing else touches the consumer.
 */
public final class KafkaSource implements MessageSource {
  /**
   * Where a source that begins at a partition's end notes that place in the journal, once for each
   * partition, so that a restart finds it. Nobody needs to listen to it.
   */
  public static final String PLACE_CHANNEL = "$kafka-place";

  private static final Logger LOG = LoggerFactory.getLogger(KafkaSource.class);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
  private static final long JOIN_MS = 10_000;
  private static final long WARN_INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);

  private final KafkaSourceOptions options;
  private final SourceCounters counters = new SourceCounters();
  private final RateLimitedLog warnings =
      new RateLimitedLog(LOG, WARN_INTERVAL_NS, System::nanoTime);
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile SourceHealth health = SourceHealth.down("not started");
  private volatile @Nullable Consumer<byte[], byte[]> consumer;
  private @Nullable Thread thread;

  /** A source with the options. */
  public KafkaSource(KafkaSourceOptions options) {
    this.options = Objects.requireNonNull(options, "options");
  }

  @Override
  public String name() {
    return options.name();
  }

  /**
   * Starts to read; brokers need not be there yet.
   *
   * @throws IllegalArgumentException if a client property is wrong
   */
  @Override
  public void start(SourceContext context) {
    Map<String, Object> properties = consumerProperties();
    try {
      new ConsumerConfig(properties);
    } catch (ConfigException e) {
      throw new IllegalArgumentException("clientProperties: " + e.getMessage(), e);
    }
    PublishQueue queue = new PublishQueue(context.publisher(), counters, warnings);
    PartitionReader reader =
        new PartitionReader(
            options,
            context.journalledOffsets(),
            new RecordMapper(options, context.publisher().maxPayloadBytes()),
            queue,
            counters,
            warnings,
            LOG);
    health = SourceHealth.down("connecting");
    Thread t = new Thread(() -> run(properties, reader, queue), "sse-source-" + options.name());
    t.setDaemon(true);
    thread = t;
    t.start();
  }

  private Map<String, Object> consumerProperties() {
    Map<String, Object> properties = new HashMap<>();
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.putAll(options.clientProperties());
    properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    return properties;
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void run(Map<String, Object> properties, PartitionReader reader, PublishQueue queue) {
    Backoff backoff =
        new Backoff(options.minBackoffMs(), options.maxBackoffMs(), RandomGenerator.getDefault());
    while (!isClosing() && !queue.isClosed()) {
      try {
        read(properties, reader, queue, backoff);
      } catch (WakeupException | InterruptException e) {
        LOG.debug("source {} was woken to close", options.name());
      } catch (RuntimeException e) {
        if (!isClosing()) {
          failed(e, backoff.nextMs());
        }
      }
    }
    counters.lag = -1;
    health = SourceHealth.down("closed");
  }

  private void read(
      Map<String, Object> properties, PartitionReader reader, PublishQueue queue, Backoff backoff) {
    KafkaConsumer<byte[], byte[]> c = new KafkaConsumer<>(properties);
    consumer = c;
    try (TopicWatch watch =
        new TopicWatch(
            Admin.create(new HashMap<>(options.clientProperties())), options, System.nanoTime())) {
      reader.resume(c);
      ReadSession session =
          new ReadSession(c, watch, reader, queue, counters, news -> health = news);
      while (!isClosing() && !queue.isClosed()) {
        session.step();
        if (health.up()) {
          backoff.reset();
        }
      }
    } finally {
      consumer = null;
      c.close(CloseOptions.timeout(CLOSE_TIMEOUT));
    }
  }

  private void failed(RuntimeException e, long waitMs) {
    counters.lag = -1;
    health = SourceHealth.down(String.valueOf(e.getMessage()));
    LOG.warn(
        "source {} failed and begins again in {} ms: {}", options.name(), waitMs, e.toString());
    try {
      if (closing.await(waitMs, TimeUnit.MILLISECONDS)) {
        LOG.debug("source {} closes", options.name());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      closing.countDown();
    }
  }

  @Override
  public SourceHealth health() {
    return health;
  }

  @Override
  public SourceStats stats() {
    return counters.stats();
  }

  @Override
  public void close() {
    closing.countDown();
    Consumer<byte[], byte[]> c = consumer;
    if (c != null) {
      c.wakeup();
    }
    Thread t = thread;
    if (t == null) {
      return;
    }
    try {
      t.join(JOIN_MS);
      if (t.isAlive()) {
        LOG.warn("source {} does not end: it is interrupted", options.name());
        t.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
