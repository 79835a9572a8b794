package io.ssegateway.gateway;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** A client that comes back with its last id whenever its stream ends, as a browser does. */
final class ReturningClient implements AutoCloseable {
  private static final long READ_LIMIT_MS = 10_000;

  private final Supplier<String> url;
  private final LongSupplier stayMs;
  private final List<SseStream.Event> events = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Begins.
   *
   * @param url asked for at each try
   * @param lastEventId where to begin; empty for now
   */
  ReturningClient(Supplier<String> url, String lastEventId) {
    this(url, lastEventId, () -> Long.MAX_VALUE / 2);
  }

  /**
   * Begins, as a client that also goes away by itself, and comes back at once.
   *
   * @param stayMs asked for at each stream, how long to stay, in ms
   */
  ReturningClient(Supplier<String> url, String lastEventId, LongSupplier stayMs) {
    this.url = url;
    this.stayMs = stayMs;
    this.thread = new Thread(() -> run(lastEventId), "returning-client");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(String firstId) {
    String lastEventId = firstId;
    while (!closed) {
      try {
        lastEventId = visit(lastEventId);
      } catch (IOException e) {
        pause();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** One stream, from its beginning to its end; answers the last id. */
  private String visit(String lastEventId) throws IOException, InterruptedException {
    SseStream stream = SseStream.open(url.get(), lastEventId, events::add);
    try {
      long leftMs = stayMs.getAsLong();
      while (!closed && leftMs > 0 && !stream.awaitEnd(Math.min(leftMs, 50))) {
        leftMs -= 50;
      }
    } finally {
      stream.close();
    }
    if (!stream.awaitEnd(READ_LIMIT_MS)) {
      throw new IllegalStateException("a closed stream is read on");
    }
    return stream.lastEventId();
  }

  private static void pause() {
    try {
      Thread.sleep(10); // down for the moment: do not spin
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  List<SseStream.Event> events() {
    return events;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
