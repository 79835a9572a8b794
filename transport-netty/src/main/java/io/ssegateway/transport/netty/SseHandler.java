package io.ssegateway.transport.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.unix.Errors;
import io.netty.util.ReferenceCountUtil;
import io.ssegateway.engine.CloseReason;
import io.ssegateway.engine.Connection;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** All that is left in the pipeline of a stream: sees its end, and reads nothing. */
final class SseHandler extends ChannelInboundHandlerAdapter {
  /** {@code ETIMEDOUT} of Linux, which the kernel reports when TCP_USER_TIMEOUT is over. */
  private static final int TIMED_OUT = -110;

  private @Nullable Connection connection;
  private @Nullable AccessRecord record;
  private CloseReason reason = CloseReason.CLIENT;

  void opened(Connection c) {
    connection = c;
  }

  void record(AccessRecord accessRecord) {
    record = accessRecord;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message); // a client has nothing to say on its stream
  }

  /** The end of the client's side ends the stream. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof Errors.NativeIoException e && e.expectedErr() == TIMED_OUT) {
      reason = CloseReason.PEER_DEAD;
    } else if (!(cause instanceof IOException)) {
      reason = CloseReason.ERROR;
    }
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Connection c = connection;
    if (c != null) {
      c.onClosed(reason);
    }
    AccessRecord r = record;
    if (r != null) {
      r.ended(reason);
    }
  }
}
