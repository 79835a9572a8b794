package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import org.agrona.DirectBuffer;

/** Copies from the engine's buffers to Netty's. Stateless. */
final class Bytes {
  private Bytes() {}

  static void append(ByteBuf to, DirectBuffer buffer, int offset, int length) {
    int from = buffer.wrapAdjustment() + offset;
    byte[] array = buffer.byteArray();
    if (array != null) {
      to.writeBytes(array, from, length);
    } else {
      to.writeBytes(buffer.byteBuffer().duplicate().limit(from + length).position(from));
    }
  }
}
