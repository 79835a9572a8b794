package io.ssegateway.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/** Gives a channel that is ended a short time to do it in order. */
final class ClosingChannels {
  private static final int LINGER_MS = 2_000;

  /**
   * Ends our side and reads on for a while. A socket that is closed with bytes unread is reset,
   * which takes the answer away from a client that is still sending.
   */
  static final ChannelFutureListener LINGER =
      written -> {
        Channel channel = written.channel();
        if (written.isSuccess() && channel instanceof DuplexChannel duplex) {
          channel.config().setAutoRead(true);
          SslHandler tls = channel.pipeline().get(SslHandler.class);
          if (tls == null) {
            duplex.shutdownOutput();
          } else {
            tls.closeOutbound().addListener(said -> duplex.shutdownOutput());
          }
          closeLater(channel);
        } else {
          channel.close();
        }
      };

  private ClosingChannels() {}

  /** Closes the channel in a while, unless it is closed by then. */
  static void closeLater(Channel channel) {
    channel.eventLoop().schedule(() -> channel.close(), LINGER_MS, TimeUnit.MILLISECONDS);
  }
}
