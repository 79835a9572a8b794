package io.ssegateway.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A walk over the connections of all lanes, one lane after the other, in slices between which a
 * lane's other work has its turn. Whoever walks owns the search; it goes from lane to lane by their
 * executors.
 *
 * <p>A connection that is moved in its lane's set while the walk is at that lane may be missed or
 * be listed twice.
 */
final class ConnectionSearch {
  /** Connections looked at in one turn of a lane. */
  static final int SLICE = 256;

  private static final ConnectionSet NO_MORE = new ConnectionSet(); // stays empty

  private final Lane[] lanes;
  private final ConnectionQuery query;
  private final CompletableFuture<ConnectionPage> result = new CompletableFuture<>();
  private final List<ConnectionInfo> rows = new ArrayList<>();
  private int matched;

  /** The first of the order as far as they were seen, the last of them on top; null by place. */
  private final @Nullable PriorityQueue<Found> best;

  /** A connection with what it is ordered by. */
  private record Found(long key, Connection connection) {}

  ConnectionSearch(Lane[] lanes, ConnectionQuery query) {
    this.lanes = lanes;
    this.query = query;
    this.best =
        query.order() == ConnectionQuery.Order.PLACE
            ? null
            : new PriorityQueue<>(order().reversed());
  }

  private static Comparator<Found> order() {
    return Comparator.comparingLong(Found::key).thenComparingLong(found -> found.connection().id());
  }

  CompletableFuture<ConnectionPage> start() {
    walkLane(0);
    return result;
  }

  private void walkLane(int index) {
    if (index < lanes.length) {
      lanes[index].executor().execute(() -> guarded(() -> walk(index, 0)));
    } else {
      finish();
    }
  }

  /** A failure is the asker's, not the lane's. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (Throwable e) {
      result.completeExceptionally(e);
    }
  }

  private void walk(int laneIndex, int from) {
    Lane lane = lanes[laneIndex];
    ChannelEntry entry = query.channel() == null ? null : lane.entry(query.channel());
    if (query.channel() != null && entry == null) {
      walkLane(laneIndex + 1);
      return;
    }
    ConnectionSet singles = entry == null ? lane.connections() : entry.singles;
    ConnectionSet multis = entry == null ? NO_MORE : entry.multis;
    int size = singles.size() + multis.size();
    int to = Math.min(size, from + SLICE);
    for (int i = from; i < to; i++) {
      boolean single = i < singles.size();
      look(lane, single ? singles.get(i) : multis.get(i - singles.size()));
    }
    if (to < size) {
      lane.executor().executeAfterIo(() -> guarded(() -> walk(laneIndex, to)));
    } else {
      walkLane(laneIndex + 1);
    }
  }

  private void look(Lane lane, Connection connection) {
    if (!matches(connection)) {
      return;
    }
    int place = matched++;
    PriorityQueue<Found> heap = best;
    if (heap == null) {
      if (place >= query.offset() && rows.size() < query.limit()) {
        rows.add(lane.info(connection));
      }
      return;
    }
    heap.add(new Found(key(lane, connection), connection));
    if (heap.size() > query.offset() + query.limit()) {
      heap.poll();
    }
  }

  private boolean matches(Connection connection) {
    boolean wanted =
        switch (connection.state) {
          case CLOSED -> false; // it leaves at the end of the batch
          case LIVE -> query.states() != ConnectionQuery.States.REPLAYING;
          case REPLAYING -> query.states() != ConnectionQuery.States.LIVE;
        };
    if (!wanted) {
      return false;
    }
    String text = query.text();
    return text == null
        || text.isEmpty()
        || connection.hasChannelWith(text)
        || connection.outlet.remoteAddress().contains(text);
  }

  private long key(Lane lane, Connection connection) {
    return switch (query.order()) {
      case PLACE -> 0;
      case OLDEST -> connection.id;
      case NEWEST -> -connection.id;
      case PENDING -> -connection.outlet.pendingBytes();
      case BEHIND -> -lane.behindMs(connection);
    };
  }

  /** All were seen: the page is cut out, and each lane describes those of its own. */
  private void finish() {
    PriorityQueue<Found> heap = best;
    if (heap == null) {
      result.complete(new ConnectionPage(rows, matched));
      return;
    }
    List<Connection> page =
        heap.stream().sorted(order()).skip(query.offset()).map(Found::connection).toList();
    describe(page, new ConnectionInfo[page.size()], 0);
  }

  private void describe(List<Connection> page, ConnectionInfo[] infos, int laneIndex) {
    if (laneIndex == lanes.length) {
      result.complete(new ConnectionPage(List.of(infos), matched));
      return;
    }
    Lane lane = lanes[laneIndex];
    Runnable step =
        () -> {
          for (int i = 0; i < infos.length; i++) {
            if (page.get(i).lane == lane) {
              infos[i] = lane.info(page.get(i));
            }
          }
          describe(page, infos, laneIndex + 1);
        };
    lane.executor().execute(() -> guarded(step));
  }
}
