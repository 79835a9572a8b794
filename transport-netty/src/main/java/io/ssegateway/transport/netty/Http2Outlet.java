package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.ssegateway.engine.CloseReason;
import io.ssegateway.engine.Connection;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.collections.IntArrayQueue;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A stream's way out through a stream of an HTTP/2 connection. What the peer's windows, of the
 * stream and of the connection, do not let through counts as pending, like what the socket does not
 * take: beyond the limit it declines, and its connection, alone, reads the journal instead. Owned
 * by the event loop.
 */
final class Http2Outlet implements StreamOutlet, ChannelFutureListener {
  /** Most bytes of a frame: progress is seen frame by frame. */
  private static final int FRAME_BYTES = 8 * 1024;

  private static final int LINGER_MS = 2_000;
  private static final int NONE = -1;

  private final Http2StreamChannel channel;
  private final Http2Watch watch;
  private final HttpConnections connections;
  private final @Nullable String toldAddress;

  /** Sizes of the frames under way; they leave in this order. */
  private final IntArrayQueue frames = new IntArrayQueue(NONE);

  private @Nullable Connection connection;
  private @Nullable StreamEncoder encoder;
  private @Nullable AccessRecord record;
  private int pending;
  private boolean offering;
  private boolean closing;
  private boolean ended;

  Http2Outlet(
      Http2StreamChannel channel,
      Http2Watch watch,
      HttpConnections connections,
      @Nullable String toldAddress) {
    this.channel = channel;
    this.watch = watch;
    this.connections = connections;
    this.toldAddress = toldAddress;
  }

  @Override
  public void opened(@Nullable Connection opened) {
    connection = opened;
    watch.flushLater();
  }

  @Override
  public void abandon() {
    channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
    channel.close();
  }

  @Override
  public void compress(@Nullable StreamEncoder with) {
    encoder = with;
    if (with != null && with.streamHeader().length > 0) {
      take(new UnsafeBuffer(with.streamHeader()), 0, with.streamHeader().length);
    }
  }

  @Override
  public void record(AccessRecord accessRecord) {
    record = accessRecord;
  }

  @Override
  public boolean offer(DirectBuffer buffer, int offset, int length) {
    StreamEncoder e = encoder;
    if (e == null) {
      return take(buffer, offset, length);
    }
    e.encode(buffer, offset, length);
    return take(e.frame(), 0, e.frameLength());
  }

  private boolean take(DirectBuffer buffer, int offset, int length) {
    if (ended || closing) {
      return true; // the end is told by the channel
    }
    if (pending > 0 && pending + length > connections.maxPendingBytes()) {
      return false;
    }
    AccessRecord r = record;
    if (r != null) {
      r.add(length);
    }
    ByteBuf bytes = channel.alloc().directBuffer(length);
    Bytes.append(bytes, buffer, offset, length);
    offering = true;
    while (bytes.readableBytes() > FRAME_BYTES) {
      write(bytes.readRetainedSlice(FRAME_BYTES));
    }
    write(bytes);
    offering = false;
    watch.flushLater();
    return true;
  }

  private void write(ByteBuf bytes) {
    frames.addInt(bytes.readableBytes());
    pending += bytes.readableBytes();
    channel.write(new DefaultHttp2DataFrame(bytes)).addListener(this);
  }

  /** A frame is through, or has failed with the stream. */
  @Override
  public void operationComplete(ChannelFuture future) {
    int size = frames.pollInt();
    if (size != NONE) {
      pending -= size;
    }
    Connection c = connection;
    if (c == null || ended || !future.isSuccess()) {
      return;
    }
    c.onProgress();
    if (!offering && c.state() == Connection.State.REPLAYING && isWritable()) {
      c.onWritable();
    }
  }

  @Override
  public boolean isOpen() {
    return channel.isActive();
  }

  @Override
  public boolean isWritable() {
    return pending <= connections.maxPendingBytes() / 2;
  }

  @Override
  public int pendingBytes() {
    return pending;
  }

  @Override
  public String remoteAddress() {
    String told = toldAddress;
    return told != null ? told : PeerAddress.format(channel.parent().remoteAddress());
  }

  @Override
  public String transport() {
    return "h2";
  }

  @Override
  public void close(CloseReason reason) {
    if (closing || ended) {
      return;
    }
    closing = true;
    AccessRecord r = record;
    if (r != null) {
      r.closing(reason);
    }
    if (reason == CloseReason.STALLED || reason == CloseReason.ERROR) {
      channel.close(); // says RST_STREAM
      return;
    }
    channel.writeAndFlush(new DefaultHttp2DataFrame(true));
    channel.eventLoop().schedule(() -> channel.close(), LINGER_MS, TimeUnit.MILLISECONDS);
  }

  /** The stream, or its connection, has ended. */
  void ended(CloseReason reason) {
    ended = true;
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
