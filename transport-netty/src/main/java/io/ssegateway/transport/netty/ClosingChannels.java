package io.ssegateway.transport.netty;

import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;

/** Gives a channel that still owes bytes when it is ended a short time to send them. */
final class ClosingChannels {
  private static final int LINGER_MS = 2_000;

  private ClosingChannels() {}

  /** Closes the channel in a while, unless it is closed by then. */
  static void closeLater(Channel channel) {
    channel.eventLoop().schedule(() -> channel.close(), LINGER_MS, TimeUnit.MILLISECONDS);
  }
}
