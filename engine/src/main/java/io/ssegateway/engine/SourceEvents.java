package io.ssegateway.engine;

import io.ssegateway.engine.support.RateLimitedLog;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;

/**
 * Tells the sources, on a thread of its own, of channels and connections. Does nothing without
 * sources. Thread-safe.
 *
 * <p>Bounded, however long a source hangs. From {@link #MAX_WAITING} pieces of news on that wait,
 * new connections are not told of, so that there is at most one more piece for each that was told
 * of: its end. Of channels only the newest state is kept then, and nothing if that is what was told
 * last.
 */
final class SourceEvents implements SubscriberDirectory.Observer, AutoCloseable {
  /** News that wait, above which no more is taken as it comes. */
  static final int MAX_WAITING = 1 << 16;

  private final List<MessageSource> sources;
  private final Counters counters;
  private final Logger log;
  private final RateLimitedLog failures;
  private final int maxWaiting;
  private final AtomicInteger waiting = new AtomicInteger();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(NamedThreads.daemon("sse-source-events", false));

  /**
   * Channels whose state is not the one that was told last, with their state: whether they have
   * connections. Guarded by itself.
   */
  private final Map<String, Boolean> changed = new LinkedHashMap<>();

  /**
   * Whether they are to be told when those before them are; until then all news of channels go
   * there, so that none overtakes another of its channel. Guarded by the map.
   */
  private boolean changedAreDue;

  SourceEvents(List<MessageSource> sources, Counters counters, Logger log) {
    this(sources, counters, log, MAX_WAITING);
  }

  SourceEvents(List<MessageSource> sources, Counters counters, Logger log, int maxWaiting) {
    this.sources = sources;
    this.counters = counters;
    this.log = log;
    this.failures = new RateLimitedLog(log, TimeUnit.SECONDS.toNanos(1), System::nanoTime);
    this.maxWaiting = maxWaiting;
  }

  @Override
  public void onFirst(String channel) {
    channelChanged(channel, true);
  }

  @Override
  public void onLast(String channel) {
    channelChanged(channel, false);
  }

  /** Called in turn for each channel, with one state and then the other. */
  private void channelChanged(String channel, boolean hasConnections) {
    if (sources.isEmpty()) {
      return;
    }
    synchronized (changed) {
      if (!changedAreDue && waiting.get() < maxWaiting) {
        tell(of(channel, hasConnections));
        return;
      }
      if (changed.remove(channel) == null) { // else it is again as it was told
        changed.put(channel, hasConnections);
      }
      if (!changedAreDue) {
        changedAreDue = true;
        submit(this::tellOfChanged);
      }
    }
  }

  private void tellOfChanged() {
    Map<String, Boolean> news;
    synchronized (changed) {
      news = new LinkedHashMap<>(changed);
      changed.clear();
      changedAreDue = false;
    }
    news.forEach(
        (channel, hasConnections) ->
            sources.forEach(source -> contain(source, of(channel, hasConnections))));
  }

  private static Consumer<MessageSource> of(String channel, boolean hasConnections) {
    return hasConnections
        ? source -> source.onFirstSubscriber(channel)
        : source -> source.onLastSubscriber(channel);
  }

  /** A connection has begun. On its lane. */
  void connected(Connection connection, Collection<String> channels) {
    if (sources.isEmpty()) {
      return;
    }
    if (waiting.get() >= maxWaiting) {
      counters.addShared(Counter.SOURCE_NEWS_DROPPED, 1);
      return;
    }
    connection.toldToSources = true;
    List<String> names = List.copyOf(channels);
    tell(source -> source.onConnect(connection.id(), connection.subject(), names));
  }

  /** A connection has ended. On its lane. */
  void disconnected(Connection connection, CloseReason reason) {
    if (connection.toldToSources) {
      List<String> names = connection.channels();
      tell(source -> source.onDisconnect(connection.id(), connection.subject(), names, reason));
    }
  }

  private void tell(Consumer<MessageSource> news) {
    submit(() -> sources.forEach(source -> contain(source, news)));
  }

  private void submit(Runnable task) {
    waiting.incrementAndGet();
    try {
      thread.execute(
          () -> {
            waiting.decrementAndGet();
            task.run();
          });
    } catch (RejectedExecutionException e) {
      log.trace("closed: sources are told nothing more");
    }
  }

  private void contain(MessageSource source, Consumer<MessageSource> news) {
    try {
      news.accept(source);
    } catch (Throwable e) {
      counters.addShared(Counter.CONTAINED_FAILURES, 1);
      failures.error("source " + source.name() + " failed when it was told of a subscriber", e);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
