package io.ssegateway.sources.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.pubsub.RedisClusterPubSubAdapter;
import io.lettuce.core.cluster.pubsub.StatefulRedisClusterPubSubConnection;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.ssegateway.engine.EventPublisher;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.SourceContext;
import io.ssegateway.engine.SourceHealth;
import io.ssegateway.engine.SourceStats;
import io.ssegateway.engine.journal.Epochs;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.engine.support.Backoff;
import io.ssegateway.engine.support.RateLimitedLog;
import io.ssegateway.redis.client.RedisLink;
import io.ssegateway.sources.redis.ReceivedQueue.Received;
import io.ssegateway.sources.redis.RedisPubSubOptions.Mode;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages that are published to Redis Pub/Sub channels. What is published while it is not
 * connected is not for it: that is what Pub/Sub promises.
 *
 * <p>Lettuce's event loop only puts messages into a queue; a thread of the source's own takes them
 * to the ring and waits while that is full. Once the queue is full the source stops reading from
 * its sockets. Redis then keeps what it has to send, up to its {@code client-output-buffer-limit
 * pubsub} (32 MB, or 8 MB for a minute), and ends the connection beyond that; the source comes back
 * at once, and has lost what was published in between. Waits and reconnects are counted.
 *
 * <p>Thread-safe.
 */
public final class RedisPubSubSource implements MessageSource {
  private static final Logger LOG = LoggerFactory.getLogger(RedisPubSubSource.class);
  private static final long WARN_INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);
  private static final int POLL_MS = 100;
  private static final int CLOSE_MS = 3_000;

  private final RedisPubSubOptions options;
  private final MessageDecoder decoder;
  private final MessageIdentity identity;
  private final PubSubSubscriptions subscriptions;
  private final RateLimitedLog warnings =
      new RateLimitedLog(LOG, WARN_INTERVAL_NS, System::nanoTime);

  // counted by many
  private final LongAdder received = new LongAdder();
  private final LongAdder invalid = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final LongAdder waits = new LongAdder();
  private final AtomicLong connects = new AtomicLong();

  // set once, by start
  private @Nullable RedisLink link;
  private @Nullable ReceivedQueue queue;
  private @Nullable Thread thread;

  private volatile boolean closing;
  private volatile String receiver = "";

  /** Creates a source; nothing happens until the engine starts it. */
  public RedisPubSubSource(RedisPubSubOptions options) {
    this.options = options;
    this.decoder = new MessageDecoder(options.strictJson());
    this.identity = new MessageIdentity(options.name());
    this.subscriptions = new PubSubSubscriptions(options.mode());
  }

  @Override
  public String name() {
    return options.name();
  }

  @Override
  public void start(SourceContext context) {
    if (options.mode() == Mode.PATTERNS) {
      options.patterns().forEach(subscriptions::want);
    } else {
      subscriptions.want(options.prefix() + options.broadcastName());
      context.subscribers().channels().forEach(channel -> onFirstSubscriber(channel.channel()));
    }
    RedisLink newLink = new RedisLink(options.connection());
    link = newLink;
    ReceivedQueue newQueue =
        new ReceivedQueue(options.queueMessages(), options.queueBytes(), newLink::setReading);
    queue = newQueue;
    newLink.client().addListener(new ConnectionListener(newQueue));
    Thread newThread =
        new Thread(
            () -> run(newLink, newQueue, context.publisher()), "sse-source-" + options.name());
    newThread.setDaemon(true);
    thread = newThread;
    newThread.start();
  }

  @Override
  public void onFirstSubscriber(String channel) {
    if (options.mode() != Mode.PATTERNS) {
      subscriptions.want(options.prefix() + channel);
    }
  }

  @Override
  public void onLastSubscriber(String channel) {
    if (options.mode() != Mode.PATTERNS && !channel.equals(options.broadcastName())) {
      subscriptions.wantNoMore(options.prefix() + channel);
    }
  }

  // ---- source thread ----

  private void run(RedisLink redis, ReceivedQueue from, EventPublisher publisher) {
    try {
      connect(redis, from);
      Backoff backoff = redis.newBackoff();
      long renewAtNs = System.nanoTime();
      while (true) {
        if (closing && from.size() == 0) {
          return;
        }
        if (subscriptions.isStale() && System.nanoTime() - renewAtNs >= 0 && !closing) {
          if (subscriptions.trouble() == null) {
            backoff.reset();
          }
          renewAtNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(backoff.nextMs());
          subscriptions.renew();
        }
        Received next = from.poll(POLL_MS);
        if (next != null) {
          publish(next, publisher);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    } catch (RuntimeException e) {
      LOG.error("source {} has failed and gets nothing more", options.name(), e);
      subscriptions.onDisconnected();
    }
  }

  private void connect(RedisLink redis, ReceivedQueue to) throws InterruptedException {
    Backoff backoff = redis.newBackoff();
    while (!closing) {
      try {
        StatefulRedisPubSubConnection<String, byte[]> connection = redis.connectPubSub();
        listen(connection, to);
        subscriptions.use(connection);
        subscriptions.markStale();
        return;
      } catch (RuntimeException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException("closed while it connected");
        }
        subscriptions.onCannotConnect(RedisLink.reason(e));
        warn("cannot connect: " + RedisLink.reason(e));
        Thread.sleep(backoff.nextMs());
      }
    }
  }

  private void listen(StatefulRedisPubSubConnection<String, byte[]> connection, ReceivedQueue to) {
    if (connection instanceof StatefulRedisClusterPubSubConnection<String, byte[]> cluster) {
      // Sharded channels are heard on a connection to the node that holds their slot.
      cluster.setNodeMessagePropagation(options.mode() == Mode.SHARDED);
      cluster.addListener(
          new RedisClusterPubSubAdapter<String, byte[]>() {
            @Override
            public void smessage(RedisClusterNode node, String channel, byte[] payload) {
              receive(channel, payload, to);
            }

            @Override
            public void sunsubscribed(RedisClusterNode node, String channel, long count) {
              onSlotMoved(channel);
            }
          });
    }
    boolean propagated = connection instanceof StatefulRedisClusterPubSubConnection;
    connection.addListener(
        new RedisPubSubAdapter<String, byte[]>() {
          @Override
          public void message(String channel, byte[] payload) {
            receive(channel, payload, to);
          }

          @Override
          public void message(String pattern, String channel, byte[] payload) {
            receive(channel, payload, to);
          }

          @Override
          public void smessage(String channel, byte[] payload) {
            if (!propagated) {
              receive(channel, payload, to);
            }
          }
        });
  }

  /** A node that gives a slot away takes the subscriptions of its channels with it. */
  private void onSlotMoved(String channel) {
    if (subscriptions.wants(channel)) {
      subscriptions.markStale();
    }
  }

  private void publish(Received next, EventPublisher publisher) throws InterruptedException {
    Message message;
    try {
      message = decoder.decode(next.payload(), channelOf(next.redisChannel()));
    } catch (IllegalArgumentException e) {
      refuse(next, String.valueOf(e.getMessage()));
      return;
    }
    if (options.identify()) {
      message =
          message.withSourceOffset(
              identity.of(message, next.redisChannel(), next.payload(), next.receiver()));
    }
    PublishResult result = publisher.publish(message, outcome);
    if (result == PublishResult.BACK_PRESSURED || result == PublishResult.JOURNAL_UNAVAILABLE) {
      waits.increment();
      result = publisher.publishOrWait(message, outcome);
    }
    switch (result) {
      case TOO_LARGE ->
          refuse(
              next,
              "payload: "
                  + message.dataLength()
                  + " bytes (expected: at most "
                  + publisher.maxPayloadBytes()
                  + ")");
      case CLOSED -> lost.increment();
      default -> {} // published
    }
  }

  private void refuse(Received message, String why) {
    invalid.increment();
    warn("message on " + printable(message.redisChannel()) + " refused: " + why);
  }

  private void warn(String what) {
    warnings.warn("source " + options.name() + ": " + what);
  }

  /** A name comes from outside: short, and without what could forge a line of the log. */
  private static String printable(String text) {
    String start = text.length() > 64 ? text.substring(0, 64) + "…" : text;
    return start.replaceAll("\\p{Cntrl}", "?");
  }

  /** The channel of a Redis channel, or null for everyone. */
  private @Nullable String channelOf(String redisChannel) {
    String channel =
        redisChannel.startsWith(options.prefix())
            ? redisChannel.substring(options.prefix().length())
            : redisChannel;
    return channel.equals(options.broadcastName()) ? null : channel;
  }

  /** Journal thread. */
  private final PublishListener outcome =
      new PublishListener() {
        @Override
        public void onJournalled(int index, long position) {
          // it is where it should be
        }

        @Override
        public void onRefused(int index, Refusal refusal, String detail) {
          if (refusal == Refusal.RECORD_TOO_LARGE) {
            invalid.increment();
          } else {
            lost.increment();
          }
          warn("message lost, the journal refused it: " + detail);
        }
      };

  // ---- Lettuce's threads ----

  private void receive(String channel, byte[] payload, ReceivedQueue to) {
    received.increment();
    if (!to.offer(new Received(channel, payload, receiver))) {
      lost.increment();
      warn("message lost: " + to.size() + " wait for the ring already");
    }
  }

  /** Follows the connection; with a cluster, that of the node which serves the subscriptions. */
  private final class ConnectionListener implements RedisConnectionStateListener {
    private final ReceivedQueue to;

    ConnectionListener(ReceivedQueue to) {
      this.to = to;
    }

    @Override
    public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
      if (connection instanceof StatefulRedisPubSubConnection) {
        receiver = System.currentTimeMillis() + "-" + Epochs.random();
        to.onNewSocket();
        if (connects.getAndIncrement() > 0) {
          LOG.info("source {} is connected again", options.name());
        }
        subscriptions.markStale();
      }
    }

    @Override
    public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
      if (connection instanceof StatefulRedisPubSubConnection && !closing) {
        subscriptions.onDisconnected();
        if (options.connection().cluster()) {
          subscriptions.markStale(); // another node may have to take over
        }
        warn("connection lost; what is published meanwhile is not received");
      }
    }
  }

  // ---- any thread ----

  @Override
  public SourceHealth health() {
    String trouble = subscriptions.trouble();
    return trouble == null ? SourceHealth.UP : SourceHealth.down(trouble);
  }

  @Override
  public SourceStats stats() {
    ReceivedQueue q = queue;
    return new SourceStats(
        received.sum(),
        invalid.sum(),
        lost.sum(),
        waits.sum() + (q == null ? 0 : q.stops()),
        Math.max(0, connects.get() - 1),
        -1);
  }

  /** Times reading from Redis was stopped because the queue was full. */
  public long stops() {
    ReceivedQueue q = queue;
    return q == null ? 0 : q.stops();
  }

  @Override
  public void close() {
    closing = true;
    RedisLink l = link;
    if (l != null) {
      l.close(); // nothing more comes
    }
    Thread t = thread;
    if (t != null) {
      join(t);
    }
    ReceivedQueue q = queue;
    if (q != null && q.size() > 0) {
      lost.add(q.size());
      LOG.warn("source {} is closed; {} messages were not taken any more", name(), q.size());
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join(CLOSE_MS); // what it has received still goes to the ring
      thread.interrupt();
      thread.join(CLOSE_MS);
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
