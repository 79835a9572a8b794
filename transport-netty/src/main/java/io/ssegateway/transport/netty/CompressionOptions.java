package io.ssegateway.transport.netty;

import java.util.Set;

/**
 * Which streams are compressed, and what in them. Immutable.
 *
 * @param codings what a client may negotiate by {@code Accept-Encoding}; none to compress nothing.
 *     {@link Coding#ZSTD} needs {@code com.github.luben:zstd-jni} on the class path
 * @param minBytes bytes below which compressing is not worth its time: fewer, such as a heartbeat's
 *     or a small event's, are only framed
 */
public record CompressionOptions(Set<Coding> codings, int minBytes) {

  /** A content coding. */
  public enum Coding {
    /** RFC 1952. */
    GZIP("gzip"),
    /** RFC 8878. */
    ZSTD("zstd");

    private final String token;

    Coding(String token) {
      this.token = token;
    }

    /** The name in {@code Accept-Encoding}. */
    public String token() {
      return token;
    }
  }

  /** Most bytes that can be framed without being compressed. */
  static final int MAX_MIN_BYTES = 65_535;

  /** Nothing is compressed. */
  public static final CompressionOptions DEFAULTS = new CompressionOptions(Set.of(), 256);

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds, or zstd is not on the class path
   */
  public CompressionOptions {
    codings = Set.copyOf(codings);
    if (minBytes < 0 || minBytes > MAX_MIN_BYTES) {
      throw new IllegalArgumentException(
          "minBytes: " + minBytes + " (expected: from 0 to " + MAX_MIN_BYTES + ")");
    }
    if (codings.contains(Coding.ZSTD) && !isZstdThere()) {
      throw new IllegalArgumentException(
          "codings: zstd (expected: com.github.luben:zstd-jni on the class path, with its native"
              + " library for this platform)");
    }
  }

  /** Whether zstd can be used here. */
  public static boolean isZstdThere() {
    try {
      return ZstdFrames.isThere();
    } catch (LinkageError e) {
      return false;
    }
  }
}
