package io.ssegateway.storage.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.ssegateway.engine.journal.CommittedEventSink;
import io.ssegateway.engine.journal.EventTail;
import io.ssegateway.engine.support.Backoff;
import io.ssegateway.engine.support.RateLimitedLog;
import io.ssegateway.redis.client.RedisLink;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the order of all nodes' events: keeps the recent ones in memory and hands each to the
 * engine. Also what there is to do once a second: looks whether the history is still the one it
 * was, and removes what is too old. A thread of its own; what others ask is volatile.
 */
final class OrderFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OrderFollower.class);

  private static final long WARN_INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);
  private static final int BLOCK_MS = 500;
  private static final long CHECK_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long SIZE_NS = TimeUnit.SECONDS.toNanos(30);
  private static final int MIN_COUNT = 8;
  private static final int MAX_COUNT = 512;
  private static final long READ_BYTES = 1024 * 1024;
  private static final int TRIM_AT_ONCE = 500;
  private static final int CLOSE_MS = 5_000;

  private final RedisJournal journal;
  private final RedisJournalOptions options;
  private final RedisKeys keys;
  private final RedisLink link;
  private final StatefulConnection<String, byte[]> connection;
  private final RateLimitedLog warnings =
      new RateLimitedLog(LOG, WARN_INTERVAL_NS, System::nanoTime);

  // the follower's own
  private final ExpandableArrayBuffer body = new ExpandableArrayBuffer();
  private int count = MIN_COUNT;
  private long nextCheckNs = System.nanoTime();
  private long nextSizeNs = System.nanoTime();
  private boolean ended;

  private volatile EventTail tail;
  private volatile String epoch;
  private volatile long newestPosition;
  private volatile long oldestPosition;
  private volatile long acknowledged; // written by the journal thread
  private volatile long orderBytes;
  private volatile boolean checkDue;
  private volatile boolean closed;
  private @Nullable Thread thread;

  OrderFollower(
      RedisJournal journal,
      RedisJournalOptions options,
      RedisLink link,
      StatefulConnection<String, byte[]> connection,
      HistoryState state) {
    this.journal = journal;
    this.options = options;
    this.keys = new RedisKeys(options.keyPrefix());
    this.link = link;
    this.connection = connection;
    this.epoch = state.epoch();
    this.newestPosition = state.newest();
    this.oldestPosition = state.oldest();
    this.tail = newTail();
  }

  private EventTail newTail() {
    return new EventTail(options.tailBytes(), options.maxAgeMs(), newestPosition);
  }

  void start(CommittedEventSink sink) {
    Thread follower = new Thread(() -> run(sink), "sse-redis-journal");
    follower.setDaemon(true);
    thread = follower;
    follower.start();
  }

  private void run(CommittedEventSink sink) {
    Backoff backoff = link.newBackoff();
    while (!closed && !ended) {
      try {
        check(sink);
        journal.onUp();
        backoff.reset();
        while (!closed && !ended) {
          follow(sink);
          if (checkDue || System.nanoTime() - nextCheckNs >= 0) {
            check(sink);
            journal.onUp();
            trim();
            measure();
          }
        }
      } catch (InterruptedException e) {
        return; // closed
      } catch (RuntimeException | TimeoutException e) {
        if (closed) {
          return;
        }
        journal.onDown(RedisLink.reason(e));
        warnings.warn("journal redis: cannot follow the order: " + RedisLink.reason(e));
        try {
          TimeUnit.MILLISECONDS.sleep(Math.min(1_000, backoff.nextMs()));
        } catch (InterruptedException interrupted) {
          return; // closed
        }
      }
    }
  }

  private RedisClusterAsyncCommands<String, byte[]> commands() {
    return RedisLink.commands(connection);
  }

  @SuppressWarnings("unchecked") // Lettuce takes the streams as an array of a generic type
  private void follow(CommittedEventSink sink) throws TimeoutException, InterruptedException {
    List<StreamMessage<String, byte[]>> messages =
        RedisScripts.await(
            commands()
                .xread(
                    XReadArgs.Builder.block(BLOCK_MS).count(count),
                    StreamOffset.from(keys.order(), Positions.id(newestPosition))),
            BLOCK_MS + options.readTimeoutMs());
    long bytes = 0;
    for (StreamMessage<String, byte[]> message : messages) {
      StoredEvent event = StoredEvent.of(message.getId(), message.getBody());
      bytes += event.payload().length;
      if (!hand(event, sink)) {
        return;
      }
    }
    if (bytes > READ_BYTES) {
      count = Math.max(MIN_COUNT, count / 2);
    } else if (messages.size() == count) {
      count = Math.min(MAX_COUNT, count * 2);
    }
  }

  /** Answers false if what was read is to be thrown away. */
  private boolean hand(StoredEvent event, CommittedEventSink sink)
      throws TimeoutException, InterruptedException {
    if (event.previous() != newestPosition) {
      String before = epoch;
      check(sink);
      if (!before.equals(epoch)) {
        return false; // another history: read on from where it is
      }
      if (event.previous() > newestPosition) {
        LOG.error(
            "journal redis: events after position {} and up to {} were removed before they could be"
                + " read here; retention is too short, or this node too slow",
            newestPosition,
            event.previous());
        skipTo(event.previous(), sink);
      }
    }
    if (event.position() <= newestPosition) {
      return true;
    }
    int length = event.putBody(body);
    tail.append(
        event.position(),
        event.previousOfChannel(),
        event.channel(),
        event.publishTimeMs(),
        body,
        0,
        length);
    if (oldestPosition == 0) {
      oldestPosition = event.position(); // the first of a history, which is not to be passed over
    }
    newestPosition = event.position(); // before the sink: a lane that joins starts from it
    UnsafeBuffer payload = new UnsafeBuffer(event.payload());
    boolean open =
        sink.onCommitted(
            event.position(),
            event.channel(),
            event.type(),
            event.publisherId(),
            event.retryMs(),
            event.traceContext(),
            event.publishTimeMs(),
            payload,
            0,
            event.payload().length);
    ended = !open;
    return open;
  }

  /** Looks whether the history is still the one it was. */
  private void check(CommittedEventSink sink) throws TimeoutException, InterruptedException {
    checkDue = false;
    nextCheckNs = System.nanoTime() + CHECK_NS;
    long known = Math.max(acknowledged, newestPosition);
    HistoryState state =
        RedisJournal.state(commands(), keys, epoch, known, options.readTimeoutMs());
    oldestPosition = state.oldest();
    if (!state.epoch().equals(epoch)) {
      LOG.error(
          "journal redis: events that were handed out are gone from Redis, or its data is another's:"
              + " the epoch changes from {} to {}, and clients are told of a gap",
          epoch,
          state.epoch());
      epoch = state.epoch();
      skipTo(state.newest(), sink);
    }
    tail.maintain(System.currentTimeMillis());
  }

  /** Goes on behind a position without what is before it. */
  private void skipTo(long position, CommittedEventSink sink) throws InterruptedException {
    newestPosition = Math.max(newestPosition, position);
    tail = newTail();
    ended = !sink.onBreak(newestPosition);
  }

  private void trim() throws TimeoutException, InterruptedException {
    if (options.maxAgeMs() == 0) {
      return;
    }
    try {
      Object removed =
          RedisScripts.run(
              commands(),
              RedisScripts.TRIM,
              ScriptOutputType.INTEGER,
              new String[] {keys.state(), keys.order()},
              new byte[][] {
                RedisScripts.bytes(epoch),
                RedisScripts.bytes(options.maxAgeMs()),
                RedisScripts.bytes(TRIM_AT_ONCE),
                RedisScripts.bytes(options.keyPrefix())
              },
              options.readTimeoutMs());
      if (removed.equals((long) TRIM_AT_ONCE)) {
        nextCheckNs = System.nanoTime(); // there is more
      }
    } catch (RedisCommandExecutionException e) {
      checkDue = String.valueOf(e.getMessage()).startsWith(RedisScripts.OTHER_EPOCH);
      if (!checkDue) {
        throw e;
      }
    }
  }

  private void measure() throws TimeoutException, InterruptedException {
    if (System.nanoTime() - nextSizeNs < 0) {
      return;
    }
    nextSizeNs = System.nanoTime() + SIZE_NS;
    Long bytes = RedisScripts.await(commands().memoryUsage(keys.order()), options.readTimeoutMs());
    orderBytes = bytes == null ? 0 : bytes;
  }

  // ---- any thread ----

  /** Asks for a look at the state as soon as may be. */
  void checkSoon() {
    checkDue = true;
  }

  /** Redis has said that it has events up to a position, which must then be there for ever. */
  void acknowledged(long position) {
    acknowledged = position;
  }

  EventTail tail() {
    return tail;
  }

  String epoch() {
    return epoch;
  }

  long newestPosition() {
    return newestPosition;
  }

  long oldestPosition() {
    return oldestPosition;
  }

  long sizeBytes() {
    return orderBytes + tail.sizeBytes();
  }

  @Override
  public void close() {
    closed = true;
    Thread follower = thread;
    if (follower == null) {
      return;
    }
    follower.interrupt();
    try {
      follower.join(CLOSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
