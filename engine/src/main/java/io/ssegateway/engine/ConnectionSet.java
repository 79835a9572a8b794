package io.ssegateway.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A set of connections in an array, for fast walks. Removal moves the last to the gap. */
final class ConnectionSet {
  private static final Connection[] EMPTY = new Connection[0];

  private Connection[] connections = EMPTY;
  private int size;

  int size() {
    return size;
  }

  Connection get(int index) {
    return connections[index];
  }

  /** Adds and answers the index. */
  int add(Connection connection) {
    if (size == connections.length) {
      connections = Arrays.copyOf(connections, size == 0 ? 1 : size * 2);
    }
    connections[size] = connection;
    return size++;
  }

  /** Removes and answers the connection that stands at the index now, or null. */
  @SuppressWarnings("NullAway") // slots beyond size hold null
  @Nullable Connection remove(int index) {
    int last = --size;
    Connection moved = connections[last];
    connections[index] = moved;
    connections[last] = null;
    if (size < connections.length / 4) {
      connections = size == 0 ? EMPTY : Arrays.copyOf(connections, connections.length / 2);
    }
    return index == last ? null : moved;
  }
}
