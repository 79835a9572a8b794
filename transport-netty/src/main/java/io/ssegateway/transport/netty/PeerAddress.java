package io.ssegateway.transport.netty;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Addresses of peers as text. Stateless. */
final class PeerAddress {
  private PeerAddress() {}

  /** Such as {@code 192.0.2.7:52114} or {@code [2001:db8::1]:52114}; empty if it is unknown. */
  static String format(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? NetUtil.toSocketAddressString(inet)
        : "";
  }
}
