package io.ssegateway.transport.netty;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Addresses of peers as text. Stateless. */
final class PeerAddress {
  /** The address that a proxy has told in a PROXY header. */
  private static final AttributeKey<InetSocketAddress> TOLD =
      AttributeKey.valueOf(PeerAddress.class, "told");

  private PeerAddress() {}

  /** The peer of a connection, or of that which a stream belongs to; whom it speaks for if told. */
  static @Nullable InetSocketAddress of(Channel channel) {
    Channel connection = connection(channel);
    InetSocketAddress told = connection.attr(TOLD).get();
    if (told != null) {
      return told;
    }
    return connection.remoteAddress() instanceof InetSocketAddress address ? address : null;
  }

  /** Whether the peer is a proxy that has told by a PROXY header whom it speaks for. */
  static boolean isTold(Channel channel) {
    return connection(channel).attr(TOLD).get() != null;
  }

  /** Notes whom the peer speaks for. */
  static void tell(Channel channel, InetSocketAddress address) {
    channel.attr(TOLD).set(address);
  }

  private static Channel connection(Channel channel) {
    return channel instanceof Http2StreamChannel ? channel.parent() : channel;
  }

  /** Such as {@code 192.0.2.7:52114} or {@code [2001:db8::1]:52114}; empty if it is unknown. */
  static String format(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? NetUtil.toSocketAddressString(inet)
        : "";
  }
}
