package io.ssegateway.transport.netty;

import io.ssegateway.engine.LocalSubscribers;
import io.ssegateway.engine.LocalSubscribers.ChannelStats;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A page of the channels that have connections. Holds no more of them in memory than the page and
 * those before it. Immutable.
 *
 * @param channels the page
 * @param matched how many there were that were asked for
 */
record ChannelList(List<ChannelStats> channels, int matched) {
  /** Greatest sum of offset and limit. */
  static final int MAX_LISTED = 10_000;

  /** The most connections first. */
  static final Comparator<ChannelStats> BY_CONNECTIONS =
      Comparator.comparingInt(ChannelStats::connections)
          .reversed()
          .thenComparing(ChannelStats::channel);

  /** By name. */
  static final Comparator<ChannelStats> BY_NAME = Comparator.comparing(ChannelStats::channel);

  /**
   * Looks at all channels once.
   *
   * @param text only those with this text in their name; empty for all
   */
  static ChannelList of(
      LocalSubscribers subscribers,
      String text,
      Comparator<ChannelStats> order,
      int offset,
      int limit) {
    int kept = Math.min(MAX_LISTED, (int) Math.min(Integer.MAX_VALUE, (long) offset + limit));
    PriorityQueue<ChannelStats> first = new PriorityQueue<>(order.reversed());
    int[] matched = {0};
    subscribers.forEachChannel(
        channel -> {
          if (channel.channel().contains(text)) {
            matched[0]++;
            first.add(channel);
            if (first.size() > kept) {
              first.poll();
            }
          }
        });
    return new ChannelList(first.stream().sorted(order).skip(offset).toList(), matched[0]);
  }
}
