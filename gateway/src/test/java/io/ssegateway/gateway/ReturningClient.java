package io.ssegateway.gateway;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** A client that comes back with its last id whenever its stream ends, as a browser does. */
final class ReturningClient implements AutoCloseable {
  private final Supplier<String> url;
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
    this.url = url;
    this.thread = new Thread(() -> run(lastEventId), "returning-client");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(String firstId) {
    String lastEventId = firstId;
    while (!closed) {
      try (SseStream stream = SseStream.open(url.get(), lastEventId, events::add)) {
        while (!closed && !stream.awaitEnd(50)) {
          // reads
        }
        lastEventId = stream.lastEventId();
      } catch (IOException e) {
        // down for the moment
      } catch (InterruptedException e) {
        return;
      }
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
