package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.FullHttpResponse;

/**
 * A whole response, whatever version of HTTP carries it.
 *
 * @param content the bytes of the body; none in the answer to HEAD, whatever the head says
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Response(ResponseHead head, byte[] content) {

  /**
   * Makes it what a pipeline of HTTP/1.1 writes.
   *
   * @param close whether the connection ends behind it
   */
  FullHttpResponse toMessage(boolean close) {
    return head.toMessage(close, Unpooled.wrappedBuffer(content));
  }

  /**
   * Writes it as HTTP/1.1 where there is no pipeline; the same bytes.
   *
   * @param close whether the connection ends behind it
   */
  ByteBuf toHttp1(ByteBufAllocator allocator, boolean close) {
    return head.toHttp1(allocator, close, content.length).writeBytes(content);
  }
}
