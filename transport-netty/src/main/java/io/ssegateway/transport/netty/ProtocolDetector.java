package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.List;

/**
 * Waits until it is clear whether a connection without TLS begins with HTTP/2's preface (RFC 9113,
 * 3.4), and makes room. Stands before the handlers of HTTP/1.1, whose deadline counts meanwhile.
 */
final class ProtocolDetector extends ByteToMessageDecoder {
  private final Pipelines pipelines;

  ProtocolDetector(Pipelines pipelines) {
    this.pipelines = pipelines;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
    try {
      int length = Math.min(preface.readableBytes(), in.readableBytes());
      if (!isSame(preface, in, length)) {
        ctx.pipeline().remove(this);
      } else if (length == preface.readableBytes()) {
        pipelines.replaceHttp1(ctx.channel());
        ctx.pipeline().remove(this);
      }
    } finally {
      preface.release();
    }
  }

  private static boolean isSame(ByteBuf preface, ByteBuf in, int length) {
    for (int i = 0; i < length; i++) {
      if (preface.getByte(preface.readerIndex() + i) != in.getByte(in.readerIndex() + i)) {
        return false;
      }
    }
    return true;
  }
}
