package io.ssegateway.transport.netty;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP connections of one event loop that are no streams, and the one timer that ends those
 * past their deadline. Owned by the event loop.
 */
final class HttpConnections {
  private static final int MAX_SWEEP_MS = 500;

  private final EventLoop loop;
  private final int sweepMs;
  private final List<HttpConnectionHandler> connections = new ArrayList<>();

  HttpConnections(EventLoop loop, GatewayOptions options) {
    this.loop = loop;
    this.sweepMs =
        Math.max(
            10,
            Math.min(
                MAX_SWEEP_MS, Math.min(options.headerTimeoutMs(), options.idleTimeoutMs()) / 4));
  }

  void start() {
    loop.scheduleAtFixedRate(this::sweep, sweepMs, sweepMs, TimeUnit.MILLISECONDS);
  }

  void add(HttpConnectionHandler connection) {
    connection.sweepIndex = connections.size();
    connections.add(connection);
  }

  void remove(HttpConnectionHandler connection) {
    int index = connection.sweepIndex;
    if (index < 0) {
      return;
    }
    connection.sweepIndex = -1;
    HttpConnectionHandler last = connections.remove(connections.size() - 1);
    if (last != connection) {
      connections.set(index, last);
      last.sweepIndex = index;
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    for (int i = connections.size() - 1; i >= 0; i--) {
      connections.get(i).sweep(now);
    }
  }

  /** Closes those that wait for a request, and the others after their responses. */
  void closeAll() {
    for (HttpConnectionHandler connection : List.copyOf(connections)) {
      connection.closeWhenIdle();
    }
  }
}
