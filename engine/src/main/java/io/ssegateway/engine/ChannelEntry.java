package io.ssegateway.engine;

/**
 * A channel's connections on one lane, and its part of the batch under way. Owned by the lane.
 *
 * <p>Connections of one channel only are kept apart: they all get the same gathered bytes.
 */
final class ChannelEntry {
  static final int NONE = -1;

  final String name;
  final ConnectionSet singles = new ConnectionSet();
  final ConnectionSet multis = new ConnectionSet();

  // the batch under way: a list of nodes in the lane's Batch
  int headNode = NONE;
  int tailNode = NONE;

  ChannelEntry(String name) {
    this.name = name;
  }

  boolean isEmpty() {
    return singles.size() == 0 && multis.size() == 0;
  }
}
