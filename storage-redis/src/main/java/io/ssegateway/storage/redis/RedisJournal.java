package io.ssegateway.storage.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.ssegateway.engine.journal.CommittedEventSink;
import io.ssegateway.engine.journal.Epochs;
import io.ssegateway.engine.journal.EventTail;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.engine.support.Backoff;
import io.ssegateway.engine.support.RateLimitedLog;
import io.ssegateway.redis.client.RedisLink;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A journal that several gateway nodes share on one Redis (7 or newer): one order for all of them,
 * so that a client goes on at any node.
 *
 * <p>A batch goes to Redis in one call of a script, which adds all of it or nothing. A call whose
 * answer is lost is made again, and Redis knows it by its number. What was acknowledged is as
 * durable as Redis is: with {@code appendfsync everysec} a crash of its machine can take the last
 * second. The nodes notice, and begin a new epoch, which tells the clients.
 *
 * <p>While Redis is down nothing is taken: {@link #refusesBecause} says why, what waits in the ring
 * is tried for {@link RedisJournalOptions#commitTimeoutMs} and refused then.
 *
 * <p>Threading as {@link Journal} says; the follower is a thread of its own.
 */
public final class RedisJournal implements Journal {
  private static final Logger LOG = LoggerFactory.getLogger(RedisJournal.class);
  private static final long WARN_INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);
  private static final int MAX_RETRY_PAUSE_MS = 80;

  private final RedisJournalOptions options;
  private final RedisKeys keys;
  private final RedisLink link;
  private final StatefulConnection<String, byte[]> appending;
  private final StatefulConnection<String, byte[]> reading;
  private final OrderFollower follower;
  private final RateLimitedLog warnings =
      new RateLimitedLog(LOG, WARN_INTERVAL_NS, System::nanoTime);

  /** Names this journal to the scripts, so that they know a batch that comes again. */
  private final String node = Epochs.random();

  // the journal thread's own
  private final AppendBatch batch = new AppendBatch();
  private final Backoff backoff;
  private long batchNumber;

  private final AtomicLong copies = new AtomicLong();
  private volatile @Nullable String trouble;
  private volatile long downSinceNs;
  private volatile boolean down;
  private volatile boolean closed;

  private RedisJournal(
      RedisJournalOptions options,
      RedisLink link,
      StatefulConnection<String, byte[]> appending,
      StatefulConnection<String, byte[]> reading,
      StatefulConnection<String, byte[]> following,
      HistoryState state) {
    this.options = options;
    this.keys = new RedisKeys(options.keyPrefix());
    this.link = link;
    this.backoff = link.newBackoff();
    this.appending = appending;
    this.reading = reading;
    this.follower = new OrderFollower(this, options, link, following, state);
    link.client().addListener(new ConnectionListener());
  }

  /**
   * Connects, and begins an epoch if the Redis has none.
   *
   * @throws JournalException if Redis cannot be reached in {@link
   *     RedisJournalOptions#openTimeoutMs}, or is not fit
   */
  public static RedisJournal open(RedisJournalOptions options) {
    RedisLink link = new RedisLink(options.connection());
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(options.openTimeoutMs());
    Backoff backoff = link.newBackoff();
    while (true) {
      try {
        return connect(options, link);
      } catch (RuntimeException | TimeoutException e) {
        if (System.nanoTime() - deadline >= 0) {
          link.close();
          throw new JournalException(
              "Redis cannot be used for the history: "
                  + RedisLink.reason(e)
                  + " (tried for "
                  + options.openTimeoutMs()
                  + " ms)",
              e);
        }
        pause(backoff.nextMs());
      } catch (InterruptedException e) {
        link.close();
        Thread.currentThread().interrupt();
        throw new JournalException("interrupted while it connected to Redis", e);
      }
    }
  }

  private static RedisJournal connect(RedisJournalOptions options, RedisLink link)
      throws TimeoutException, InterruptedException {
    StatefulConnection<String, byte[]> appending = link.connect();
    try {
      RedisKeys keys = new RedisKeys(options.keyPrefix());
      HistoryState state =
          state(RedisLink.commands(appending), keys, "", 0, options.readTimeoutMs());
      LOG.info(
          "journal redis: epoch {}, {} events, newest position {}",
          state.epoch(),
          state.events(),
          state.newest());
      return new RedisJournal(options, link, appending, link.connect(), link.connect(), state);
    } catch (RuntimeException | TimeoutException | InterruptedException e) {
      appending.closeAsync();
      throw e;
    }
  }

  /** Asks for the state; see {@code open.lua}. */
  static HistoryState state(
      RedisClusterAsyncCommands<String, byte[]> commands,
      RedisKeys keys,
      String knownEpoch,
      long knownPosition,
      long timeoutMs)
      throws TimeoutException, InterruptedException {
    Object answer =
        RedisScripts.run(
            commands,
            RedisScripts.OPEN,
            ScriptOutputType.MULTI,
            new String[] {keys.state(), keys.order()},
            new byte[][] {
              RedisScripts.bytes(knownEpoch),
              RedisScripts.bytes(Epochs.random()),
              RedisScripts.bytes(Positions.id(knownPosition))
            },
            timeoutMs);
    return HistoryState.of(RedisScripts.list(answer));
  }

  @Override
  public String name() {
    return "redis";
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public void start(CommittedEventSink sink) {
    follower.start(sink);
  }

  @Override
  public String epoch() {
    return follower.epoch();
  }

  @Override
  public long newestPosition() {
    return follower.newestPosition();
  }

  @Override
  public long oldestPosition() {
    return follower.oldestPosition();
  }

  @Override
  public long newestPosition(String channel) {
    return tail().newestPosition(channel);
  }

  @Override
  public long sizeBytes() {
    return follower.sizeBytes();
  }

  /** Messages that were not stored because another node, or this one before, had stored them. */
  public long copies() {
    return copies.get();
  }

  // ---- journal thread ----

  @Override
  public void append(JournalEntry entry) {
    batch.add(entry);
    if (batch.isFull()) {
      commit();
    }
  }

  @Override
  public void commit() {
    if (batch.isEmpty()) {
      return;
    }
    try {
      send();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      batch.refused(Refusal.JOURNAL_FAILED, "the gateway is being stopped");
    } finally {
      batch.clear();
    }
  }

  /** Sends the batch until Redis has answered, or has been down for too long. */
  private void send() throws InterruptedException {
    batchNumber++;
    String[] scriptKeys = {keys.state(), keys.order(), keys.offsets(), keys.batch(node)};
    long firstTryNs = System.nanoTime();
    backoff.reset();
    while (true) {
      String failure;
      try {
        Object answer =
            RedisScripts.run(
                RedisLink.commands(appending),
                RedisScripts.APPEND,
                ScriptOutputType.MULTI,
                scriptKeys,
                batch.arguments(follower.epoch(), batchNumber, options),
                options.commitTimeoutMs());
        List<Object> ids = RedisScripts.list(answer);
        copies.addAndGet(batch.journalled(ids));
        follower.acknowledged(Positions.of(newestId(ids)));
        onUp();
        return;
      } catch (RedisCommandExecutionException e) {
        failure = String.valueOf(e.getMessage());
        if (failure.startsWith("OOM")) {
          onDown("Redis is full: " + failure);
          batch.refused(Refusal.JOURNAL_FULL, failure);
          return;
        }
        if (failure.startsWith(RedisScripts.OTHER_EPOCH)) {
          follower.checkSoon();
        } else if (!isPassing(failure)) {
          warnings.warn("journal redis: a batch was refused: " + failure);
          batch.refused(Refusal.JOURNAL_FAILED, failure);
          return;
        }
      } catch (TimeoutException e) {
        failure = "no answer within " + options.commitTimeoutMs() + " ms";
      } catch (RuntimeException e) {
        failure = RedisLink.reason(e);
      }
      onDown(failure);
      // A Redis that is down for long gets one try for each batch.
      long now = System.nanoTime();
      long timeoutNs = TimeUnit.MILLISECONDS.toNanos(options.commitTimeoutMs());
      if (closed || now - firstTryNs >= timeoutNs || now - downSinceNs >= timeoutNs) {
        batch.refused(Refusal.JOURNAL_FAILED, "Redis: " + failure);
        return;
      }
      TimeUnit.MILLISECONDS.sleep(Math.min(backoff.nextMs(), MAX_RETRY_PAUSE_MS));
    }
  }

  private static String newestId(List<Object> ids) {
    String id = RedisScripts.text(ids.get(ids.size() - 1));
    return id.startsWith("=") ? id.substring(1) : id;
  }

  /** Whether an error is of a Redis that is starting or changing its role. */
  private static boolean isPassing(String failure) {
    return failure.startsWith("LOADING")
        || failure.startsWith("READONLY")
        || failure.startsWith("MASTERDOWN")
        || failure.startsWith("CLUSTERDOWN")
        || failure.startsWith("TRYAGAIN")
        || failure.startsWith("NOREPLICAS")
        || failure.startsWith("BUSY")
        || failure.startsWith("MISCONF");
  }

  // ---- health; any thread ----

  void onDown(String why) {
    synchronized (this) {
      if (!down) {
        down = true;
        downSinceNs = System.nanoTime();
        trouble = why;
        warnings.warn("journal redis: Redis is not usable: " + why);
      }
    }
  }

  void onUp() {
    if (down) {
      synchronized (this) {
        if (down) {
          LOG.info("journal redis: Redis is usable again");
        }
        down = false;
        trouble = null;
      }
    }
  }

  @Override
  public @Nullable String refusesBecause() {
    return trouble;
  }

  /** Says at once that a connection is lost, so that publishers need not find out by waiting. */
  private final class ConnectionListener implements RedisConnectionStateListener {
    @Override
    public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
      if (!closed) {
        onDown("connection lost");
      }
    }
  }

  @Override
  public Map<String, String> sourceOffsets() {
    try {
      Map<String, byte[]> stored =
          RedisScripts.await(
              RedisLink.commands(reading).hgetall(keys.offsets()), options.readTimeoutMs());
      Map<String, String> offsets = new HashMap<>();
      stored.forEach((partition, offset) -> offsets.put(partition, RedisScripts.text(offset)));
      return offsets;
    } catch (TimeoutException e) {
      throw new JournalException(
          "the offsets of the sources: no answer within " + options.readTimeoutMs() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JournalException("interrupted while it read the offsets of the sources", e);
    }
  }

  // ---- replay threads ----

  @Override
  public JournalReader open(Collection<String> channels, long after, int maxEvents) {
    return new RedisReader(this, List.copyOf(channels), after, maxEvents);
  }

  EventTail tail() {
    return follower.tail();
  }

  /** Reads a chunk; see {@code read.lua}. */
  List<Object> read(List<String> channels, long after, long upTo, int limit) {
    String[] scriptKeys = new String[channels.size() + 3];
    scriptKeys[0] = keys.state();
    scriptKeys[1] = keys.order();
    for (int i = 0; i < channels.size(); i++) {
      scriptKeys[i + 2] = keys.channel(channels.get(i));
    }
    scriptKeys[channels.size() + 2] = keys.channel(null);
    try {
      Object answer =
          RedisScripts.run(
              RedisLink.commands(reading),
              RedisScripts.READ,
              ScriptOutputType.MULTI,
              scriptKeys,
              new byte[][] {
                RedisScripts.bytes(follower.epoch()),
                RedisScripts.bytes(Positions.id(after)),
                RedisScripts.bytes(Positions.id(upTo)),
                RedisScripts.bytes(RedisReader.MAX_EVENTS),
                RedisScripts.bytes(RedisReader.MAX_BYTES),
                RedisScripts.bytes(limit)
              },
              options.readTimeoutMs());
      return RedisScripts.list(answer);
    } catch (TimeoutException e) {
      throw new JournalException("history: no answer within " + options.readTimeoutMs() + " ms", e);
    } catch (RedisCommandExecutionException e) {
      throw new JournalException("history: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JournalException("interrupted while it read the history", e);
    }
  }

  private static void pause(long ms) {
    try {
      TimeUnit.MILLISECONDS.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the next attempt notices
    }
  }

  @Override
  public void close() {
    closed = true;
    follower.close();
    link.close();
  }
}
