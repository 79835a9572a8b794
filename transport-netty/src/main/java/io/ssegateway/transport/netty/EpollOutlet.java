package io.ssegateway.transport.netty;

import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * As long as nothing is pending, sends straight from the engine's memory to the socket: no copy, no
 * outbound buffer, no promise, nothing allocated. That is most of what Netty costs a delivery
 * beside the system call (docs/performance.md).
 */
final class EpollOutlet extends ChannelOutlet {
  private final Socket socket;

  EpollOutlet(EpollSocketChannel channel, PendingLimit limit, @Nullable String toldAddress) {
    super(channel, limit, toldAddress);
    this.socket = (Socket) channel.fd();
  }

  @Override
  int sendDirectly(DirectBuffer buffer, int offset, int length) {
    if (buffer.byteArray() != null) {
      return 0;
    }
    if (!channel.isActive()) {
      return -1;
    }
    try {
      return socket.sendAddress(buffer.addressOffset(), offset, offset + length);
    } catch (IOException e) {
      channel.pipeline().fireExceptionCaught(e);
      return -1;
    }
  }
}
