package io.ssegateway.sources.redis;

import io.ssegateway.engine.Message;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.SourceContext;
import io.ssegateway.engine.SourceHealth;
import io.ssegateway.engine.SourceStats;
import io.ssegateway.engine.support.RateLimitedLog;
import io.ssegateway.redis.client.RedisLink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages out of Redis Streams, read by {@code XREAD}: every node sees all. The id of an entry is
 * journalled with its message, so with a durable journal a restart goes on behind the newest entry
 * that is in it, without loss or double. Thread-safe.
 */
public final class RedisStreamsSource implements MessageSource {
  /**
   * Where a source that begins at a stream's end notes that place in the journal, once for each
   * stream, so that a restart finds it. Nobody needs to listen to it.
   */
  public static final String PLACE_CHANNEL = "$redis-place";

  private static final Logger LOG = LoggerFactory.getLogger(RedisStreamsSource.class);
  private static final long WARN_INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);
  private static final int CLOSE_MS = 3_000;

  private final RedisStreamsOptions options;
  private final RateLimitedLog warnings =
      new RateLimitedLog(LOG, WARN_INTERVAL_NS, System::nanoTime);
  private final LongAdder received = new LongAdder();
  private final LongAdder invalid = new LongAdder();
  private final LongAdder waits = new LongAdder();
  private final LongAdder reconnects = new LongAdder();
  private final LongAdder holes = new LongAdder();

  // set once, by start
  private @Nullable RedisLink link;
  private volatile List<StreamReader> readers = List.of();
  private List<Thread> threads = List.of();

  /** Creates a source; nothing happens until the engine starts it. */
  public RedisStreamsSource(RedisStreamsOptions options) {
    this.options = options;
  }

  @Override
  public String name() {
    return options.name();
  }

  @Override
  public void start(SourceContext context) {
    RedisLink newLink = new RedisLink(options.connection());
    link = newLink;
    JournalledBatch journalled = new JournalledBatch(context.publisher(), new BatchCounts());
    List<StreamReader> newReaders = new ArrayList<>();
    List<Thread> newThreads = new ArrayList<>();
    for (RedisStreamsOptions.Stream stream : options.streams()) {
      StreamReader reader =
          new StreamReader(
              this,
              options,
              stream,
              newLink,
              journalled,
              context.journalledOffsets().get(StreamReader.partition(options.name(), stream.key())),
              LOG);
      newReaders.add(reader);
      Thread thread = new Thread(reader, "sse-source-" + options.name() + '-' + stream.key());
      thread.setDaemon(true);
      newThreads.add(thread);
    }
    readers = List.copyOf(newReaders);
    threads = newThreads;
    newThreads.forEach(Thread::start);
  }

  private final class BatchCounts implements JournalledBatch.Counts {
    @Override
    public void waited() {
      waits.increment();
    }

    @Override
    public void tooLarge(Message message, String why) {
      onInvalid(message + ": " + why);
    }

    @Override
    public void refused(String why) {
      warn("the journal refused a message, which is offered again: " + why);
    }
  }

  // ---- readers' threads ----

  void warn(String what) {
    warnings.warn("source " + options.name() + ": " + what);
  }

  void onReceived() {
    received.increment();
  }

  void onInvalid(String what) {
    invalid.increment();
    warn("message refused: " + what.replaceAll("\\p{Cntrl}", "?"));
  }

  void onConnectionLost() {
    reconnects.increment();
  }

  void onHole() {
    holes.increment();
  }

  // ---- any thread ----

  @Override
  public SourceHealth health() {
    for (StreamReader reader : readers) {
      String trouble = reader.trouble();
      if (trouble != null) {
        return SourceHealth.down(trouble);
      }
    }
    return readers.isEmpty() ? SourceHealth.down("not started") : SourceHealth.UP;
  }

  @Override
  public SourceStats stats() {
    return new SourceStats(received.sum(), invalid.sum(), 0, waits.sum(), reconnects.sum(), -1);
  }

  /**
   * Times a stream was found trimmed beyond the entry read last, so that entries may be missing.
   */
  public long holes() {
    return holes.sum();
  }

  @Override
  public void close() {
    readers.forEach(StreamReader::close);
    threads.forEach(Thread::interrupt);
    RedisLink l = link;
    if (l != null) {
      l.close();
    }
    try {
      for (Thread thread : threads) {
        thread.join(CLOSE_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
