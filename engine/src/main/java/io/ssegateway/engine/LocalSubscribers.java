package io.ssegateway.engine;

import java.util.List;
import java.util.function.Consumer;

/** Tells about the connections of this engine. Thread-safe; the answers may be old when read. */
public interface LocalSubscribers {
  /** Number of connections of a channel. */
  int count(String channel);

  /** Number of connections in all. */
  int total();

  /** Number of channels that have a connection. */
  int channelCount();

  /** The channels that have a connection, in no order. */
  List<ChannelStats> channels();

  /** Shows each channel that has a connection, in no order. */
  default void forEachChannel(Consumer<ChannelStats> visitor) {
    channels().forEach(visitor);
  }

  /**
   * A channel and how many listen to it.
   *
   * @param channel the channel
   * @param connections number of connections, {@code > 0}
   */
  record ChannelStats(String channel, int connections) {}
}
