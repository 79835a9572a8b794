package io.ssegateway.transport.netty;

import io.netty.channel.embedded.EmbeddedChannel;
import io.ssegateway.engine.Outlet;

/**
 * The transport's own outlet over a channel that is no socket. Stands in this package because the
 * outlet is not for others.
 */
public final class EmbeddedOutlets {
  private EmbeddedOutlets() {}

  /** An outlet with the default bound of pending bytes. */
  public static Outlet outlet(EmbeddedChannel channel) {
    return new ChannelOutlet(channel, GatewayOptions.DEFAULTS::maxPendingBytes, null);
  }
}
