package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * The header of the PROXY protocol, version 1 or 2, at the beginning of a connection. As a handler,
 * it stands behind {@link HAProxyMessageDecoder}, notes whom the proxy speaks for and goes. A
 * connection that begins otherwise is closed: it must not be guessed whether there is a header.
 */
final class ProxyHeader extends ChannelInboundHandlerAdapter {
  private final TransportCounters counters;
  private boolean refused;

  ProxyHeader(TransportCounters counters) {
    this.counters = counters;
  }

  /** What a bare socket has read. */
  enum Outcome {
    /** The header is not whole yet. */
    PARTIAL,
    /** There is no header, or a wrong one. */
    WRONG,
    /** The header was read and is gone from the bytes. */
    READ
  }

  /** Is told the address that a header tells. */
  @FunctionalInterface
  interface Listener {
    void told(InetSocketAddress address);
  }

  /** Reads a header from bytes that begin a connection, and leaves what stands behind it. */
  static Outcome read(ByteBuf bytes, @Nullable InetSocketAddress proxy, Listener listener) {
    EmbeddedChannel decoder = new EmbeddedChannel(new HAProxyMessageDecoder());
    try {
      decoder.writeInbound(bytes.retainedDuplicate());
      Object first = decoder.readInbound();
      if (!(first instanceof HAProxyMessage message)) {
        ReferenceCountUtil.release(first);
        return Outcome.PARTIAL;
      }
      InetSocketAddress told = source(message, proxy);
      message.release();
      Object behind = decoder.readInbound();
      int left = behind instanceof ByteBuf rest ? rest.readableBytes() : 0;
      ReferenceCountUtil.release(behind);
      if (told == null) {
        return Outcome.WRONG;
      }
      bytes.readerIndex(bytes.writerIndex() - left);
      listener.told(told);
      return Outcome.READ;
    } catch (DecoderException e) {
      return Outcome.WRONG;
    } finally {
      discard(decoder);
    }
  }

  private static void discard(EmbeddedChannel decoder) {
    try {
      decoder.finishAndReleaseAll();
    } catch (DecoderException e) {
      // it says again that the rest of a header is wrong, or missing
      decoder.releaseInbound();
    }
  }

  /**
   * Whom the proxy speaks for: itself, if it says so or does not tell. Null if it is no address.
   */
  private static @Nullable InetSocketAddress source(
      HAProxyMessage message, @Nullable InetSocketAddress proxy) {
    String address = message.sourceAddress();
    if (message.command() == HAProxyCommand.LOCAL || address == null) {
      return proxy;
    }
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
    try {
      return bytes == null
          ? null // a path of a Unix socket
          : new InetSocketAddress(InetAddress.getByAddress(bytes), message.sourcePort());
    } catch (UnknownHostException e) {
      return null;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof HAProxyMessage header)) {
      ctx.fireChannelRead(message);
      return;
    }
    InetSocketAddress peer =
        ctx.channel().remoteAddress() instanceof InetSocketAddress inet ? inet : null;
    InetSocketAddress told = source(header, peer);
    header.release();
    if (told == null) {
      refuse(ctx);
      return;
    }
    PeerAddress.tell(ctx.channel(), told);
    ctx.pipeline().remove(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof DecoderException) {
      refuse(ctx);
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }

  private void refuse(ChannelHandlerContext ctx) {
    if (!refused) {
      refused = true; // the decoder fails again over what is left when the channel closes
      counters.add(TransportCounter.REFUSED_PROXY);
      ctx.close();
    }
  }
}
