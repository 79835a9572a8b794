package io.ssegateway.transport.netty;

import io.ssegateway.engine.Connection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.PriorityQueue;

/**
 * When the streams of one event loop are over that have an end: those whose credential expires. A
 * stream without an end costs nothing here. Streams that have ended before are dropped when they
 * could be half of all, so that it takes constant time for each. Owned by the event loop.
 */
final class StreamEnds {
  private static final int FIRST_DROP = 1024;

  private record End(long atMs, Connection connection) implements Comparable<End> {
    @Override
    public int compareTo(End other) {
      return Long.compare(atMs, other.atMs);
    }
  }

  private final InstantSource clock;
  private final PriorityQueue<End> ends = new PriorityQueue<>();
  private int dropAt = FIRST_DROP;

  StreamEnds(InstantSource clock) {
    this.clock = clock;
  }

  /** Notes when a stream is to end. */
  void add(Connection connection, Instant end) {
    if (ends.size() >= dropAt) {
      ends.removeIf(e -> e.connection.state() == Connection.State.CLOSED);
      dropAt = Math.max(FIRST_DROP, ends.size() * 2);
    }
    ends.add(new End(end.toEpochMilli(), connection));
  }

  /** Ends the streams whose time is over. */
  void sweep() {
    End first = ends.peek();
    if (first == null) {
      return;
    }
    long now = clock.millis();
    while (first != null && first.atMs <= now) {
      ends.remove();
      first.connection.expire();
      first = ends.peek();
    }
  }

  /** Number of ends noted, of streams that are over too. */
  int size() {
    return ends.size();
  }
}
