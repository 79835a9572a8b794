package io.ssegateway.transport.netty;

import io.netty.channel.ChannelInboundHandlerAdapter;

/** A handler in a pipeline that is swept. Owned by the event loop. */
abstract class SweptHandler extends ChannelInboundHandlerAdapter implements SweptConnection {
  private int sweepIndex = -1;

  @Override
  public final int sweepIndex() {
    return sweepIndex;
  }

  @Override
  public final void sweepIndex(int index) {
    sweepIndex = index;
  }
}
