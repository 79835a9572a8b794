package io.ssegateway.engine;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Looks for a connection by its number, lane by lane, in slices between which a lane's other work
 * has its turn. There is no index by number: nobody but an operator asks, and rarely.
 */
final class ConnectionFinder {
  private final Lane[] lanes;
  private final long id;
  private final CompletableFuture<Boolean> found = new CompletableFuture<>();

  ConnectionFinder(Lane[] lanes, long id) {
    this.lanes = lanes;
    this.id = id;
  }

  /** Hands the connection, on its lane, to the action; answers whether there was one. */
  CompletableFuture<Boolean> start(Consumer<Connection> action) {
    walkLane(0, action);
    return found;
  }

  private void walkLane(int index, Consumer<Connection> action) {
    if (index == lanes.length) {
      found.complete(false);
    } else {
      lanes[index].executor().execute(() -> walk(index, Integer.MAX_VALUE, action));
    }
  }

  /** From the end to the front: what a removal moves goes to a place that is still to come. */
  private void walk(int laneIndex, int from, Consumer<Connection> action) {
    Lane lane = lanes[laneIndex];
    ConnectionSet all = lane.connections();
    int i = Math.min(from, all.size()) - 1;
    for (int left = ConnectionSearch.SLICE; i >= 0 && left > 0; i--, left--) {
      Connection connection = all.get(i);
      if (connection.id == id && connection.state != Connection.State.CLOSED) {
        action.accept(connection);
        found.complete(true);
        return;
      }
    }
    if (i >= 0) {
      int next = i + 1;
      lane.executor().executeAfterIo(() -> walk(laneIndex, next, action));
    } else {
      walkLane(laneIndex + 1, action);
    }
  }
}
