package io.ssegateway.transport.netty;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.unix.Errors;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.util.ReferenceCountUtil;
import io.ssegateway.engine.CloseReason;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches over an HTTP/2 connection as a whole: ends one that has no streams, one whose peer is
 * silent, and one whose peer sends more control frames than anybody needs. Owned by the event loop.
 */
final class Http2Watch extends SweptHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Http2Watch.class);

  /** {@code ETIMEDOUT} of Linux, which the kernel reports when TCP_USER_TIMEOUT is over. */
  private static final int TIMED_OUT = -110;

  private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(10);

  /** Bodies of requests under way may hold so many times what one may hold. */
  private static final int MAX_BODIES = 4;

  private final GatewayOptions options;
  private final Http2Options http2;
  private final TransportCounters counters;
  private final HttpConnections connections;

  private @Nullable ChannelHandlerContext context;
  private int streams;
  private boolean hadStream;
  private long bodyBytes;
  private long idleSince;
  private long idleLimitMs;
  private long lastRead;
  private long pingedAt;
  private boolean pinged;
  private boolean ending;
  private boolean dirty;
  private long windowStart;
  private int controlFrames;
  private CloseReason reason = CloseReason.CLIENT;

  Http2Watch(
      GatewayOptions options,
      Http2Options http2,
      TransportCounters counters,
      HttpConnections connections) {
    this.options = options;
    this.http2 = http2;
    this.counters = counters;
    this.connections = connections;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    long now = System.nanoTime();
    idleSince = now;
    idleLimitMs = options.headerTimeoutMs();
    lastRead = now;
    windowStart = now;
    connections.add(this);
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return ctx;
  }

  // ---- streams ----

  void streamOpened() {
    streams++;
    hadStream = true;
  }

  void streamClosed() {
    streams--;
    if (streams == 0) {
      idleSince = System.nanoTime();
      idleLimitMs = options.idleTimeoutMs();
      if (ending) {
        context().close();
      }
    }
  }

  /**
   * Asks for room for a part of a request's body; what is granted is to be given back.
   *
   * @return false if the bodies of this connection's requests hold too much already
   */
  boolean takeBodyBytes(int bytes) {
    if (bodyBytes + bytes > (long) MAX_BODIES * options.maxRequestBytes()) {
      return false;
    }
    bodyBytes += bytes;
    return true;
  }

  void giveBodyBytesBack(int bytes) {
    bodyBytes -= bytes;
  }

  /** Why the connection ended, for its streams. */
  CloseReason reason() {
    return reason;
  }

  /** Flushes what streams have written, soon: once for all that is written in this round. */
  void flushLater() {
    if (!dirty) {
      dirty = true;
      connections.flushLater(this);
    }
  }

  /** The time has come. */
  void flushNow() {
    dirty = false;
    context().flush();
  }

  // ---- frames of the connection ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      boolean asked =
          message instanceof Http2SettingsAckFrame
              || (message instanceof Http2PingFrame ping && ping.ack());
      if (message instanceof Http2Frame && !asked) {
        countControlFrame(ctx);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void countControlFrame(ChannelHandlerContext ctx) {
    long now = System.nanoTime();
    if (now - windowStart > WINDOW_NS) {
      windowStart = now;
      controlFrames = 0;
    }
    controlFrames++;
    if (controlFrames > http2.maxControlFrames() && !ending) {
      ending = true;
      counters.add(TransportCounter.HTTP2_VIOLATIONS);
      ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.ENHANCE_YOUR_CALM))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    lastRead = System.nanoTime();
    pinged = false;
  }

  // ---- deadlines ----

  @Override
  public void sweep(long nowNs) {
    ChannelHandlerContext ctx = context();
    if (streams == 0) {
      if (isOver(nowNs, idleSince, idleLimitMs)) {
        if (!hadStream) {
          counters.add(TransportCounter.REFUSED_LATE);
        }
        ctx.close(); // says GOAWAY
      }
    } else if (pinged) {
      if (isOver(nowNs, pingedAt, http2.pingTimeoutMs())) {
        reason = CloseReason.PEER_DEAD;
        counters.add(TransportCounter.HTTP2_PEERS_DEAD);
        ctx.close();
      }
    } else if (isOver(nowNs, lastRead, http2.pingIntervalMs())) {
      pinged = true;
      pingedAt = nowNs;
      ctx.writeAndFlush(new DefaultHttp2PingFrame(nowNs));
    }
  }

  private static boolean isOver(long nowNs, long since, long ms) {
    return nowNs - since > TimeUnit.MILLISECONDS.toNanos(ms);
  }

  /** Takes no new streams, and ends with the last of those that are there. */
  @Override
  public void closeWhenIdle() {
    if (ending) {
      return;
    }
    ending = true;
    ChannelHandlerContext ctx = context();
    if (streams == 0) {
      ctx.close();
    } else {
      ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
    }
  }

  @Override
  public void drain() {
    closeWhenIdle();
  }

  // ---- end ----

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    connections.remove(this);
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    connections.remove(this);
  }

  /** What a peer can cause at will is counted, not logged. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof Http2Exception) {
      counters.add(TransportCounter.HTTP2_VIOLATIONS); // the codec says GOAWAY and closes
      return;
    }
    if (cause instanceof Errors.NativeIoException e && e.expectedErr() == TIMED_OUT) {
      reason = CloseReason.PEER_DEAD;
    } else if (isTlsFailure(cause)) {
      counters.add(TransportCounter.TLS_FAILURES);
    } else if (!(cause instanceof IOException)) {
      LOG.error("connection from {} failed", ctx.channel().remoteAddress(), cause);
    }
    ctx.channel().unsafe().close(ctx.voidPromise()); // at once, since nobody takes a GOAWAY
  }

  /** Whether a peer has sent what is no TLS, or was not meant for us. */
  static boolean isTlsFailure(Throwable cause) {
    return cause instanceof SSLException
        || cause.getCause() instanceof SSLException
        || cause.getCause() instanceof NotSslRecordException;
  }
}
