package io.ssegateway.engine;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads from memory what a batch is about to read anyway. With a million channels an event's name,
 * its entry, connection and outlet are each somewhere else, in no cache: asked for one event after
 * the other each is waited for, asked for by many events at once they come together. Nothing comes
 * of what is read. Owned by a lane.
 */
final class ReadAhead {
  /** Channels whose entries a cache holds. */
  private static final int FEW_CHANNELS = 10_000;

  /** Entries for whose connections it is not worth it. */
  private static final int FEW_ENTRIES = 64;

  /** Entries whose connections are asked for at once. */
  private static final int ENTRIES = 32;

  private final @Nullable Connection[] connections = new @Nullable Connection[ENTRIES];

  /** The last event whose channel has been read: a batch may end before it. */
  private long channelsTo = -1;

  @SuppressWarnings("UnusedVariable") // written, or the compiler would leave the reading out
  private long read;

  /** Reads the names of the events' channels, and the entries of many; each event's once. */
  void channels(EventRing ring, long next, long to, Map<String, ChannelEntry> channels) {
    long from = Math.max(next, channelsTo + 1);
    channelsTo = to;
    long sum = 0;
    for (long s = from; s <= to; s++) {
      String channel = ring.get(s).channel;
      if (channel != null) {
        sum += channel.hashCode();
      }
    }
    if (channels.size() > FEW_CHANNELS) {
      for (long s = from; s <= to; s++) {
        String channel = ring.get(s).channel;
        ChannelEntry entry = channel == null ? null : channels.get(channel);
        if (entry != null && entry.isEmpty()) {
          sum++;
        }
      }
    }
    read = sum;
  }

  /**
   * Reads the first connections of the next entries, if there are many.
   *
   * @param from index of the first
   * @return index of the first that was not looked at
   */
  int firstConnections(List<ChannelEntry> entries, int from) {
    if (entries.size() < FEW_ENTRIES) {
      return entries.size();
    }
    int count = Math.min(entries.size() - from, ENTRIES);
    for (int i = 0; i < count; i++) {
      ConnectionSet singles = entries.get(from + i).singles;
      connections[i] = singles.size() == 0 ? null : singles.get(0);
    }
    long sum = 0;
    for (int i = 0; i < count; i++) {
      Connection connection = connections[i];
      if (connection != null) {
        sum += connection.position + connection.lastWriteTick;
      }
    }
    for (int i = 0; i < count; i++) {
      Connection connection = connections[i];
      if (connection != null && connection.outlet instanceof EventOutlet) {
        sum++;
      }
      connections[i] = null;
    }
    read = sum;
    return from + count;
  }
}
