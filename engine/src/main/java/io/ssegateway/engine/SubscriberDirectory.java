package io.ssegateway.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Which channels have connections here, and on which lanes. Written by the lanes, read by anyone.
 * Knows a channel only as long as it has a connection.
 */
final class SubscriberDirectory implements LocalSubscribers {
  /** Immutable, so that a reader sees a count and a mask that belong together. */
  private record Entry(int count, long laneMask) {}

  /** Is told of the first and the last connection of a channel, in order for each channel. */
  interface Observer {
    void onFirst(String channel);

    void onLast(String channel);
  }

  private final ConcurrentHashMap<String, Entry> channels = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final Observer observer;

  SubscriberDirectory(Observer observer) {
    this.observer = observer;
  }

  void connected() {
    connections.incrementAndGet();
  }

  void disconnected() {
    connections.decrementAndGet();
  }

  /** A connection of the lane has begun to listen to the channel. */
  void added(String channel, int lane) {
    channels.compute(
        channel,
        (name, entry) -> {
          if (entry == null) {
            observer.onFirst(name);
            return new Entry(1, 1L << lane);
          }
          return new Entry(entry.count + 1, entry.laneMask | 1L << lane);
        });
  }

  /**
   * A connection of the lane listens to the channel no more.
   *
   * @param lastOfLane whether the lane has no other
   */
  void removed(String channel, int lane, boolean lastOfLane) {
    channels.computeIfPresent(
        channel,
        (name, entry) -> {
          if (entry.count == 1) {
            observer.onLast(name);
            return null;
          }
          long mask = lastOfLane ? entry.laneMask & ~(1L << lane) : entry.laneMask;
          return new Entry(entry.count - 1, mask);
        });
  }

  /** The lanes that have connections of the channel, as bits. */
  long lanesOf(String channel) {
    Entry entry = channels.get(channel);
    return entry == null ? 0 : entry.laneMask;
  }

  @Override
  public int count(String channel) {
    Entry entry = channels.get(channel);
    return entry == null ? 0 : entry.count;
  }

  @Override
  public int total() {
    return connections.get();
  }

  @Override
  public int channelCount() {
    return channels.size();
  }

  @Override
  public List<ChannelStats> channels() {
    List<ChannelStats> list = new ArrayList<>(channels.size());
    forEachChannel(list::add);
    return list;
  }

  @Override
  public void forEachChannel(Consumer<ChannelStats> visitor) {
    for (Map.Entry<String, Entry> e : channels.entrySet()) {
      visitor.accept(new ChannelStats(e.getKey(), e.getValue().count));
    }
  }
}
