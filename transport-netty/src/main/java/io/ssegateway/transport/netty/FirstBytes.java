package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Stands first in a pipeline and gives it what was read before there was a channel, as soon as the
 * channel is active: handlers may rely on that order. Owned by the event loop.
 */
final class FirstBytes extends ChannelInboundHandlerAdapter {
  private @Nullable ByteBuf bytes;

  FirstBytes(ByteBuf bytes) {
    this.bytes = bytes;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.fireChannelActive();
    ByteBuf read = bytes;
    bytes = null;
    if (read != null) {
      ctx.fireChannelRead(read);
      ctx.fireChannelReadComplete();
    }
    ctx.pipeline().remove(this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    drop();
  }

  /** Releases what it still has. */
  void drop() {
    ByteBuf unread = bytes;
    bytes = null;
    if (unread != null) {
      unread.release();
    }
  }
}
