package io.ssegateway.transport.netty;

import io.ssegateway.engine.Lane;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Compresses what an event loop offers to its streams. What is offered to many, as {@link
 * Lane#sharedWindow} tells, is compressed once, for the first, and the others are given the same
 * bytes: each result can be decoded whatever came before it on a stream. Owned by the event loop.
 *
 * <p>Few bytes are framed as they are. Memory grows to that of the largest event, and stays.
 */
abstract class StreamEncoder {
  private static final int FIRST_CAPACITY = 4 * 1024;

  private final Lane lane;
  private final TransportCounters counters;
  private final int minBytes;

  private ByteBuffer input = allocate(FIRST_CAPACITY);
  private final Frame shared = new Frame();
  private final Frame single = new Frame();
  private long sharedWindow;
  private Frame current = single;

  /** A result. */
  private static final class Frame {
    ByteBuffer bytes = allocate(FIRST_CAPACITY);
    UnsafeBuffer view = new UnsafeBuffer(bytes);
    int length;

    ByteBuffer withRoom(int bound) {
      if (bytes.capacity() < bound) {
        BufferUtil.free(bytes);
        bytes = allocate(BitUtil.findNextPositivePowerOfTwo(bound));
        view = new UnsafeBuffer(bytes);
      }
      return bytes;
    }
  }

  StreamEncoder(Lane lane, TransportCounters counters, int minBytes) {
    this.lane = lane;
    this.counters = counters;
    this.minBytes = minBytes;
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Encodes bytes, or finds that they are encoded already. The result is the current frame. */
  final void encode(DirectBuffer buffer, int offset, int length) {
    long window = lane.sharedWindow();
    if (window != 0 && window == sharedWindow) {
      current = shared;
      return;
    }
    current = window == 0 ? single : shared;
    sharedWindow = window == 0 ? sharedWindow : 0;
    ByteBuffer from = inputWithRoom(length);
    from.clear();
    buffer.getBytes(offset, from, length);
    from.flip();
    ByteBuffer to = current.withRoom(bound(length));
    to.clear();
    if (length < minBytes) {
      frameOnly(from, to);
    } else {
      compress(from, to);
      counters.add(TransportCounter.COMPRESSIONS);
    }
    current.length = to.position();
    if (window != 0) {
      sharedWindow = window;
    }
  }

  /** The memory of the current frame, from its beginning. Valid until something is encoded. */
  final DirectBuffer frame() {
    return current.view;
  }

  /** The length of the current frame. */
  final int frameLength() {
    return current.length;
  }

  private ByteBuffer inputWithRoom(int bytes) {
    if (input.capacity() < bytes) {
      BufferUtil.free(input);
      input = allocate(BitUtil.findNextPositivePowerOfTwo(bytes));
    }
    return input;
  }

  /** What stands before everything on a stream. */
  abstract byte[] streamHeader();

  /** Most bytes that so many can become. */
  abstract int bound(int length);

  /** Frames at most {@link CompressionOptions#MAX_MIN_BYTES} bytes. */
  abstract void frameOnly(ByteBuffer from, ByteBuffer to);

  abstract void compress(ByteBuffer from, ByteBuffer to);

  /** Gives back what its compressor holds; memory goes by itself. */
  abstract void close();
}
