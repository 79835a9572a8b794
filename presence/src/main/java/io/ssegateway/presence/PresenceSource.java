package io.ssegateway.presence;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.ssegateway.engine.CloseReason;
import io.ssegateway.engine.EventPublisher;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.SourceContext;
import io.ssegateway.engine.SourceStats;
import io.ssegateway.presence.PresenceEvent.Kind;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source of messages about who comes and goes, and the hook that tells them elsewhere. Knows the
 * streams of its own node only.
 *
 * <p>Thread-safe. A message may wait for the ring; those beyond the bound are dropped and counted
 * as lost. When it is closed, which a drain does first, members do not leave one by one: the hook
 * is told that the node has stopped, and has 2 s to take what waits.
 */
public final class PresenceSource implements MessageSource {
  private static final Logger LOG = LoggerFactory.getLogger(PresenceSource.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final int PERIOD_MS = 50;
  private static final int MAX_BATCH = 256;
  private static final int CLOSE_MS = 2000;

  private final PresenceOptions options;
  private final @Nullable PresenceHook hook;
  private final LongSupplier wallMs;
  private final ScheduledExecutorService thread;
  private volatile @Nullable EventPublisher publisher;

  // guarded by this
  private final PresenceTracker tracker;
  private final Queue<Message> queue = new ArrayDeque<>();
  private long told;
  private long lost;
  private long waits;

  /** A source that begins when the engine does. */
  public PresenceSource(PresenceOptions options) {
    this(
        options, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()), System::currentTimeMillis);
  }

  /**
   * The same with its own time.
   *
   * @param nowMs the time in ms since any moment; never goes back
   * @param wallMs the time in ms since 1970
   */
  PresenceSource(PresenceOptions options, LongSupplier nowMs, LongSupplier wallMs) {
    this.options = options;
    this.wallMs = wallMs;
    URI uri = options.hook();
    this.hook =
        uri == null
            ? null
            : new PresenceHook(
                uri,
                options.secret(),
                UUID.randomUUID().toString(),
                options.maxQueued(),
                nowMs,
                new SplittableRandom());
    String prefix = options.prefix();
    this.tracker =
        new PresenceTracker(
            channel ->
                (prefix.isEmpty() || !channel.startsWith(prefix))
                    && options.channels().test(channel),
            options.graceMs(),
            options.maxMembers(),
            nowMs,
            wallMs,
            this::tell);
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread t = new Thread(task, "sse-presence");
              t.setDaemon(true);
              return t;
            });
  }

  @Override
  public String name() {
    return "presence";
  }

  @Override
  public void start(SourceContext context) {
    publisher = context.publisher();
    if (hook != null) {
      hook.offer(PresenceEvent.ofNode(Kind.STARTED, wallMs.getAsLong()));
    }
    thread.scheduleWithFixedDelay(this::tick, PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
  }

  @Override
  public synchronized void onConnect(
      long connectionId, @Nullable String subject, List<String> channels) {
    tracker.connected(connectionId, subject, channels);
  }

  @Override
  public synchronized void onDisconnect(
      long connectionId, @Nullable String subject, List<String> channels, CloseReason reason) {
    tracker.disconnected(connectionId, subject, channels);
  }

  private void tell(PresenceEvent event) {
    told++;
    if (hook != null) {
      hook.offer(event);
    }
    String channel = event.channel();
    if (options.prefix().isEmpty() || channel == null) {
      return;
    }
    String name = options.prefix() + channel;
    if (name.length() > Message.MAX_CHANNEL_LENGTH || queue.size() >= options.maxQueued()) {
      lost++;
      return;
    }
    queue.add(Message.builder().channel(name).type(event.kind().label()).data(json(event)).build());
  }

  private static String json(PresenceEvent event) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      event.writeTo(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of a buffer in memory
    }
    return text.toString();
  }

  private void tick() {
    try {
      synchronized (this) {
        tracker.expire();
        publish();
      }
      if (hook != null) {
        hook.post();
      }
    } catch (RuntimeException e) {
      LOG.error("presence could not be told", e);
    }
  }

  private void publish() {
    EventPublisher to = publisher;
    while (to != null && !queue.isEmpty()) {
      List<Message> batch = new ArrayList<>();
      for (Message message : queue) {
        if (batch.size() == Math.min(MAX_BATCH, to.maxBatch())) {
          break;
        }
        batch.add(message);
      }
      PublishResult result = to.publish(batch, null);
      switch (result) {
        case PUBLISHED -> batch.forEach(message -> queue.remove());
        case BACK_PRESSURED, JOURNAL_UNAVAILABLE -> {
          waits++;
          return; // the next tick tries again
        }
        case TOO_LARGE, CLOSED -> {
          lost += queue.size();
          queue.clear();
        }
      }
    }
  }

  @Override
  public SourceStats stats() {
    long hookDropped = hook == null ? 0 : hook.dropped();
    long hookRetries = hook == null ? 0 : hook.retries();
    synchronized (this) {
      return new SourceStats(
          told, 0, lost + hookDropped + tracker.untracked(), waits + hookRetries, 0, queue.size());
    }
  }

  /** Members now, those in their grace period included. */
  synchronized int members() {
    return tracker.size();
  }

  @Override
  public void close() {
    thread.shutdown();
    synchronized (this) {
      publish();
    }
    PresenceHook h = hook;
    if (h != null) {
      if (publisher != null) {
        h.offer(PresenceEvent.ofNode(Kind.STOPPED, wallMs.getAsLong()));
        if (!h.flush(CLOSE_MS)) {
          LOG.warn("presence: the hook did not take everything before the end");
        }
      }
      h.close();
    }
    publisher = null;
  }
}
