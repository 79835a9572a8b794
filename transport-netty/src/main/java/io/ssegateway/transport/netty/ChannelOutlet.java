package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.ssegateway.engine.CloseReason;
import io.ssegateway.engine.Connection;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A stream's way out through a Netty channel. Bounded: beyond the limit of pending bytes it
 * declines, and the connection reads the journal instead. Owned by the event loop.
 */
class ChannelOutlet implements StreamOutlet, ChannelFutureListener {
  final Channel channel;
  private final PendingLimit limit;
  private final @Nullable String toldAddress;
  private @Nullable SseHandler handler;
  private @Nullable ResponseHead head;
  private @Nullable ByteBuf corked;
  private @Nullable Connection connection;
  private @Nullable StreamEncoder encoder;
  private @Nullable AccessRecord record;
  private boolean closing;
  private boolean offering;
  private int lastPending;

  ChannelOutlet(Channel channel, PendingLimit limit, @Nullable String toldAddress) {
    this.channel = channel;
    this.limit = limit;
    this.toldAddress = toldAddress;
  }

  /**
   * The outlet of a stream over HTTP/1.1, which ends with the connection, so that no chunk has to
   * be framed.
   *
   * @param handler is told of the connection
   * @param head leaves with what is offered until the stream is {@link #opened}, by the codec that
   *     the pipeline has until then
   * @param toldAddress whom a proxy speaks for, or null
   */
  static ChannelOutlet open(
      Channel channel,
      SseHandler handler,
      PendingLimit limit,
      ResponseHead head,
      @Nullable String toldAddress) {
    boolean plain = channel.pipeline().get(SslHandler.class) == null;
    ChannelOutlet outlet =
        plain && channel instanceof EpollSocketChannel epoll
            ? new EpollOutlet(epoll, limit, toldAddress)
            : new ChannelOutlet(channel, limit, toldAddress);
    outlet.handler = handler;
    outlet.head = head;
    outlet.corked = channel.alloc().directBuffer();
    return outlet;
  }

  @Override
  public final void abandon() {
    ByteBuf bytes = corked;
    corked = null;
    if (bytes != null) {
      bytes.release();
    }
    channel.close();
  }

  @Override
  public final void opened(@Nullable Connection opened) {
    connection = opened;
    SseHandler h = handler;
    if (h != null && opened != null) {
      h.opened(opened);
    }
    ByteBuf first = corked;
    ResponseHead response = head;
    corked = null;
    head = null;
    if (first != null && response != null) {
      write(response.toMessage(true, first));
      Pipelines.removeHttp1Codec(channel.pipeline());
    }
    channel.config().setAutoRead(true);
  }

  @Override
  public final boolean isOpen() {
    return channel.isActive();
  }

  @Override
  public final void compress(@Nullable StreamEncoder with) {
    encoder = with;
    if (with != null && with.streamHeader().length > 0) {
      take(new UnsafeBuffer(with.streamHeader()), 0, with.streamHeader().length);
    }
  }

  @Override
  public final void record(AccessRecord accessRecord) {
    record = accessRecord;
    SseHandler h = handler;
    if (h != null) {
      h.record(accessRecord);
    }
  }

  @Override
  public final boolean offer(DirectBuffer buffer, int offset, int length) {
    StreamEncoder e = encoder;
    if (e == null) {
      return take(buffer, offset, length);
    }
    e.encode(buffer, offset, length);
    return take(e.frame(), 0, e.frameLength());
  }

  private boolean take(DirectBuffer buffer, int offset, int length) {
    ByteBuf first = corked;
    int pending = first == null ? outboundBytes() : 0;
    if (pending > 0 && pending + length > limit.maxPendingBytes()) {
      return false;
    }
    AccessRecord r = record;
    if (r != null) {
      r.add(length);
    }
    if (first != null) {
      Bytes.append(first, buffer, offset, length);
      return true;
    }
    int sent = pending == 0 ? sendDirectly(buffer, offset, length) : 0;
    if (sent < 0) {
      return true; // the channel is closing: the end is told by the channel
    }
    if (sent < length) {
      ByteBuf rest = channel.alloc().directBuffer(length - sent);
      Bytes.append(rest, buffer, offset + sent, length - sent);
      offering = true;
      write(rest);
      offering = false;
    }
    return true;
  }

  /**
   * Sends without Netty's buffer, if the transport can.
   *
   * @return bytes sent, or -1 if the channel has failed and is being closed
   */
  int sendDirectly(DirectBuffer buffer, int offset, int length) {
    return 0;
  }

  private void write(Object message) {
    channel.writeAndFlush(message).addListener(this);
  }

  /** A write is through, or has failed with the channel. */
  @Override
  public void operationComplete(ChannelFuture future) {
    Connection c = connection;
    if (c == null || !future.isSuccess()) {
      return;
    }
    c.onProgress();
    if (offering || c.state() != Connection.State.REPLAYING) {
      return; // whoever offers looks by himself whether he may go on
    }
    if (isWritable()) {
      c.onWritable();
    } else {
      channel.eventLoop().execute(this::resume); // Netty still counts the write that is through
    }
  }

  private void resume() {
    Connection c = connection;
    if (c != null && c.state() == Connection.State.REPLAYING && isWritable()) {
      c.onWritable();
    }
  }

  private int outboundBytes() {
    ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
    return outbound == null
        ? 0
        : (int) Math.min(Integer.MAX_VALUE, outbound.totalPendingWriteBytes());
  }

  @Override
  public final boolean isWritable() {
    return outboundBytes() <= limit.maxPendingBytes() / 2;
  }

  /** Asked at every tick of the lane, which makes it the place to see progress within a write. */
  @Override
  public final int pendingBytes() {
    int pending = outboundBytes();
    Connection c = connection;
    if (pending < lastPending && c != null) {
      c.onProgress();
    }
    lastPending = pending;
    return pending;
  }

  @Override
  public final String remoteAddress() {
    String told = toldAddress;
    return told != null ? told : PeerAddress.format(channel.remoteAddress());
  }

  @Override
  public String transport() {
    return "http/1.1";
  }

  @Override
  public final void close(CloseReason reason) {
    if (closing) {
      return;
    }
    closing = true;
    AccessRecord r = record;
    if (r != null) {
      r.closing(reason);
    }
    if (outboundBytes() == 0 || reason == CloseReason.STALLED || reason == CloseReason.ERROR) {
      channel.close();
    } else {
      channel.writeAndFlush(channel.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
      ClosingChannels.closeLater(channel);
    }
  }
}
