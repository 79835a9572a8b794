package io.ssegateway.engine;

/**
 * A channel's connections on one lane, and its part of the batch under way. Owned by the lane.
 *
 * <p>Connections of one channel only are kept apart: they all get the same gathered bytes.
 */
final class ChannelEntry {
  static final int NONE = -1;

  private static final ConnectionSet NO_MULTIS = new ConnectionSet();

  final String name;
  final ConnectionSet singles = new ConnectionSet();

  /** Those of several channels; most channels have none, and share the set that stays empty. */
  ConnectionSet multis = NO_MULTIS;

  // the batch under way: a list of nodes in the lane's Batch
  int headNode = NONE;
  int tailNode = NONE;

  ChannelEntry(String name) {
    this.name = name;
  }

  /** Adds a connection of several channels and answers its index. */
  int addMulti(Connection connection) {
    if (multis == NO_MULTIS) {
      multis = new ConnectionSet();
    }
    return multis.add(connection);
  }

  boolean isEmpty() {
    return singles.size() == 0 && multis.size() == 0;
  }
}
