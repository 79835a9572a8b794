package io.ssegateway.engine;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;

/**
 * Tells the sources, on a thread of its own, of channels and connections. Does nothing without
 * sources. Thread-safe.
 */
final class SourceEvents implements SubscriberDirectory.Observer, AutoCloseable {
  private final List<MessageSource> sources;
  private final Counters counters;
  private final Logger log;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(NamedThreads.daemon("sse-source-events", false));

  SourceEvents(List<MessageSource> sources, Counters counters, Logger log) {
    this.sources = sources;
    this.counters = counters;
    this.log = log;
  }

  @Override
  public void onFirst(String channel) {
    tell(source -> source.onFirstSubscriber(channel));
  }

  @Override
  public void onLast(String channel) {
    tell(source -> source.onLastSubscriber(channel));
  }

  void connected(Connection connection, Collection<String> channels) {
    if (!sources.isEmpty()) {
      List<String> names = List.copyOf(channels);
      tell(source -> source.onConnect(connection.id(), connection.subject(), names));
    }
  }

  void disconnected(Connection connection, CloseReason reason) {
    if (!sources.isEmpty()) {
      List<String> names = connection.channels();
      tell(source -> source.onDisconnect(connection.id(), connection.subject(), names, reason));
    }
  }

  private void tell(Consumer<MessageSource> news) {
    if (sources.isEmpty()) {
      return;
    }
    try {
      thread.execute(() -> sources.forEach(source -> contain(source, news)));
    } catch (RejectedExecutionException e) {
      log.trace("closed: sources are told nothing more");
    }
  }

  private void contain(MessageSource source, Consumer<MessageSource> news) {
    try {
      news.accept(source);
    } catch (Throwable e) {
      counters.addShared(Counter.CONTAINED_FAILURES, 1);
      log.error("source {} failed when it was told of a subscriber", source.name(), e);
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
