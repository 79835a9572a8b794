package io.netty.channel.epoll;

import io.netty.channel.ServerChannel;

/**
 * Makes channels of sockets that were accepted elsewhere. Stands in Netty's package, since Netty
 * has no public way to tell such a channel its parent, by which HTTP/2 knows that it serves.
 * Stateless.
 */
public final class AcceptedSockets {
  private AcceptedSockets() {}

  /** A channel on a connected socket, which it owns. */
  public static EpollSocketChannel channel(ServerChannel parent, int descriptor) {
    LinuxSocket socket = new LinuxSocket(descriptor);
    return new EpollSocketChannel(parent, socket, socket.remoteAddress());
  }
}
