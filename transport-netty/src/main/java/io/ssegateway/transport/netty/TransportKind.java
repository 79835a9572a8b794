package io.ssegateway.transport.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;

/** What moves the bytes. */
public enum TransportKind {
  /** Epoll where its native library loads, NIO elsewhere. */
  AUTO,
  /** Linux epoll by Netty's native library. */
  EPOLL,
  /** The JDK's selector; works everywhere. Cannot find dead peers by {@code TCP_USER_TIMEOUT}. */
  NIO,
  /** Linux io_uring by Netty's native library. */
  IO_URING;

  /**
   * The kind that will be used.
   *
   * @throws IllegalStateException if a native kind was asked for by name and does not load
   */
  TransportKind resolve() {
    return switch (this) {
      case AUTO -> Epoll.isAvailable() ? EPOLL : NIO;
      case NIO -> NIO;
      case EPOLL -> {
        if (!Epoll.isAvailable()) {
          throw unavailable(Epoll.unavailabilityCause());
        }
        yield EPOLL;
      }
      case IO_URING -> {
        if (!IoUring.isAvailable()) {
          throw unavailable(IoUring.unavailabilityCause());
        }
        yield IO_URING;
      }
    };
  }

  private IllegalStateException unavailable(Throwable cause) {
    return new IllegalStateException(
        "transport: " + this + " does not load here: " + cause.getMessage() + " (try: AUTO)",
        cause);
  }

  IoHandlerFactory ioHandlerFactory() {
    return switch (this) {
      case EPOLL -> EpollIoHandler.newFactory();
      case IO_URING -> IoUringIoHandler.newFactory();
      case NIO, AUTO -> NioIoHandler.newFactory();
    };
  }

  Class<? extends ServerChannel> serverChannelClass() {
    return switch (this) {
      case EPOLL -> EpollServerSocketChannel.class;
      case IO_URING -> IoUringServerSocketChannel.class;
      case NIO, AUTO -> NioServerSocketChannel.class;
    };
  }

  void setUserTimeout(ServerBootstrap bootstrap, int timeoutMs) {
    ChannelOption<Integer> option =
        switch (this) {
          case EPOLL -> EpollChannelOption.TCP_USER_TIMEOUT;
          case IO_URING -> IoUringChannelOption.TCP_USER_TIMEOUT;
          case NIO, AUTO -> null;
        };
    if (option != null && timeoutMs > 0) {
      bootstrap.childOption(option, timeoutMs);
    }
  }
}
