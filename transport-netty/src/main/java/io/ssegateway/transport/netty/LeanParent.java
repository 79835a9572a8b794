package io.ssegateway.transport.netty;

import io.netty.channel.AbstractServerChannel;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DefaultServerSocketChannelConfig;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.ServerSocketChannelConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What channels name as their parent whose sockets the {@link LeanServer} accepted. Does nothing.
 */
final class LeanParent extends AbstractServerChannel implements ServerSocketChannel {
  static final LeanParent INSTANCE = new LeanParent();

  private final ServerSocketChannelConfig config;

  private LeanParent() {
    try {
      config = new DefaultServerSocketChannelConfig(this, new ServerSocket());
    } catch (IOException e) {
      throw new AssertionError("a socket that is not bound does no I/O", e);
    }
  }

  @Override
  public ServerSocketChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isActive() {
    return true;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return false;
  }

  @Override
  public @Nullable InetSocketAddress localAddress() {
    return null;
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return null;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return null;
  }

  @Override
  protected void doBind(SocketAddress localAddress) {
    throw new UnsupportedOperationException("no socket");
  }

  @Override
  protected void doClose() {
    throw new UnsupportedOperationException("no socket");
  }

  @Override
  protected void doBeginRead() {
    throw new UnsupportedOperationException("no socket");
  }
}
