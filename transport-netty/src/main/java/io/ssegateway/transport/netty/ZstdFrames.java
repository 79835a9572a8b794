package io.ssegateway.transport.netty;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.ssegateway.engine.Lane;
import java.nio.ByteBuffer;

/** Zstandard frames (RFC 8878) in a row. */
final class ZstdFrames extends StreamEncoder {
  private static final byte[] HEADER = {};
  private static final int MAGIC = 0xFD2FB528;
  private static final int LEVEL = 1;

  /** Single segment; the content's size in one byte, or in two. */
  private static final byte SIZE_IN_ONE = 0x20;

  private static final byte SIZE_IN_TWO = 0x60;
  private static final int TWO_BYTE_SIZES_FROM = 256;

  private final ZstdCompressCtx context = new ZstdCompressCtx().setLevel(LEVEL);

  ZstdFrames(Lane lane, TransportCounters counters, int minBytes) {
    super(lane, counters, minBytes);
  }

  /**
   * Whether the library and its native part are there.
   *
   * @throws LinkageError if they are not
   */
  static boolean isThere() {
    return Zstd.maxCompressionLevel() >= LEVEL;
  }

  @Override
  byte[] streamHeader() {
    return HEADER;
  }

  @Override
  int bound(int length) {
    return (int) Zstd.compressBound(length) + 32;
  }

  /** A frame of one raw block. */
  @Override
  void frameOnly(ByteBuffer from, ByteBuffer to) {
    int length = from.remaining();
    to.putInt(MAGIC);
    if (length < TWO_BYTE_SIZES_FROM) {
      to.put(SIZE_IN_ONE).put((byte) length);
    } else {
      to.put(SIZE_IN_TWO).putShort((short) (length - TWO_BYTE_SIZES_FROM));
    }
    int block = length << 3 | 1; // the last, raw
    to.put((byte) block).put((byte) (block >> 8)).put((byte) (block >> 16)).put(from);
  }

  @Override
  void compress(ByteBuffer from, ByteBuffer to) {
    int size =
        context.compressDirectByteBuffer(
            to, 0, to.capacity(), from, from.position(), from.remaining());
    to.position(size);
  }

  @Override
  void close() {
    context.close();
  }
}
