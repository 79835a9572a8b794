package io.ssegateway.engine.journal;

import org.jspecify.annotations.Nullable;

/** The newest record of a channel in an {@link EventTail}, or of the broadcasts. */
final class ChannelHead {
  final @Nullable String channel;

  /** Position of the newest event of the channel that the tail was ever told of. */
  volatile long lastPosition;

  /** Address of the newest record, or {@link EventTail#NIL}; stored after the record is whole. */
  volatile long lastAddress;

  ChannelHead(@Nullable String channel, long lastPosition) {
    this.channel = channel;
    this.lastPosition = lastPosition;
  }
}
