package io.ssegateway.engine.frame;

import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Encoder of frame bodies by the WHATWG HTML standard, section 9.2 (server-sent events). A body is
 *
 * <pre>
 *   : publisher-id=&lt;id&gt;   only if the publisher gave an id
 *   : traceparent=&lt;…&gt;     only if it was published in a trace that is to be told
 *   : tracestate=&lt;…&gt;      only if that has vendors' data
 *   event: &lt;type&gt;          left out for "message", which is the standard's default
 *   retry: &lt;ms&gt;            only if the publisher asked for it
 *   data: &lt;line&gt;           one line per line of the payload, split at LF, CR and CRLF
 *   (empty line)
 * </pre>
 *
 * Stateless and thread-safe; the buffers are not.
 */
public final class SseFrame {
  /** The event type that a message without one has. */
  public static final String DEFAULT_TYPE = "message";

  private static final byte[] DATA = ascii("data: ");
  private static final byte[] EVENT = ascii("event: ");
  private static final byte[] RETRY = ascii("retry: ");
  private static final byte[] PUBLISHER_ID = ascii(": publisher-id=");
  private static final byte[] TRACEPARENT = ascii(": traceparent=");
  private static final byte[] TRACESTATE = ascii(": tracestate=");
  private static final byte LF = '\n';
  private static final byte CR = '\r';

  private SseFrame() {}

  /**
   * A bound for the bytes of a body.
   *
   * @param lineBreaks number of CR and LF bytes in the payload
   */
  public static int maxBodyLength(
      String type,
      @Nullable String publisherId,
      @Nullable TraceContext trace,
      int payloadLength,
      int lineBreaks) {
    int idLength = publisherId == null ? 0 : PUBLISHER_ID.length + 3 * publisherId.length() + 1;
    return idLength
        + (trace == null ? 0 : length(trace))
        + EVENT.length
        + 3 * type.length()
        + 1
        + RETRY.length
        + 12
        + DATA.length * (lineBreaks + 1)
        + payloadLength
        + 2;
  }

  private static int length(TraceContext trace) {
    String state = trace.tracestate();
    int stateLength = state == null ? 0 : TRACESTATE.length + state.length() + 1;
    return TRACEPARENT.length + trace.traceparent().length() + 1 + stateLength;
  }

  /** Counts the CR and LF bytes of a payload. */
  public static int countLineBreaks(DirectBuffer payload, int offset, int length) {
    int count = 0;
    int i = offset;
    int end = offset + length;
    for (; i + 8 <= end; i += 8) {
      long word = payload.getLong(i);
      if ((hasByte(word, 0x0A0A0A0A0A0A0A0AL) | hasByte(word, 0x0D0D0D0D0D0D0D0DL)) != 0) {
        for (int k = i; k < i + 8; k++) {
          count += isLineBreak(payload.getByte(k)) ? 1 : 0;
        }
      }
    }
    for (; i < end; i++) {
      count += isLineBreak(payload.getByte(i)) ? 1 : 0;
    }
    return count;
  }

  /** Non-zero if one of the word's bytes equals the pattern's (Bit Twiddling Hacks, haszero). */
  private static long hasByte(long word, long pattern) {
    long x = word ^ pattern;
    return (x - 0x0101010101010101L) & ~x & 0x8080808080808080L;
  }

  private static boolean isLineBreak(byte b) {
    return b == LF || b == CR;
  }

  /**
   * Writes everything of a body that stands before its data lines.
   *
   * @param retryMs reconnection time for the client, or a negative number for none
   * @param trace the trace that it was published in, or null
   * @return the number of bytes written
   */
  public static int putFields(
      MutableDirectBuffer buffer,
      int offset,
      String type,
      @Nullable String publisherId,
      int retryMs,
      @Nullable TraceContext trace) {
    int at = offset;
    if (publisherId != null) {
      at = putLine(buffer, at, PUBLISHER_ID, publisherId);
    }
    if (trace != null) {
      at = putLine(buffer, at, TRACEPARENT, trace.traceparent());
      String state = trace.tracestate();
      if (state != null) {
        at = putLine(buffer, at, TRACESTATE, state);
      }
    }
    if (!DEFAULT_TYPE.equals(type)) {
      at = putLine(buffer, at, EVENT, type);
    }
    if (retryMs >= 0) {
      buffer.putBytes(at, RETRY);
      at += RETRY.length;
      at += buffer.putNaturalIntAscii(at, retryMs);
      buffer.putByte(at++, LF);
    }
    return at - offset;
  }

  private static int putLine(MutableDirectBuffer buffer, int offset, byte[] name, String value) {
    buffer.putBytes(offset, name);
    int at = offset + name.length;
    at += putUtf8(buffer, at, value);
    buffer.putByte(at, LF);
    return at + 1;
  }

  /** Writes a text as UTF-8 without a length and answers the number of bytes. */
  public static int putUtf8(MutableDirectBuffer buffer, int offset, String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        buffer.putBytes(offset, bytes);
        return bytes.length;
      }
      buffer.putByte(offset + i, (byte) c);
    }
    return length;
  }

  /**
   * Writes the data lines of a payload without a line break, and the empty line that ends a body.
   * The payload stands unchanged at {@code offset + DATA_PREFIX_LENGTH}.
   *
   * @return the number of bytes written
   */
  public static int putSingleLineData(
      MutableDirectBuffer buffer, int offset, DirectBuffer payload, int from, int length) {
    buffer.putBytes(offset, DATA);
    int at = offset + DATA.length;
    buffer.putBytes(at, payload, from, length);
    at += length;
    buffer.putByte(at, LF);
    buffer.putByte(at + 1, LF);
    return at + 2 - offset;
  }

  /** Bytes that stand before the payload in {@link #putSingleLineData}. */
  public static final int DATA_PREFIX_LENGTH = 6;

  /**
   * Writes the data lines of any payload, and the empty line that ends a body.
   *
   * @return the number of bytes written
   */
  public static int putData(
      MutableDirectBuffer buffer, int offset, DirectBuffer payload, int from, int length) {
    int at = offset;
    int end = from + length;
    int lineStart = from;
    while (true) {
      int lineEnd = lineStart;
      while (lineEnd < end && !isLineBreak(payload.getByte(lineEnd))) {
        lineEnd++;
      }
      buffer.putBytes(at, DATA);
      at += DATA.length;
      buffer.putBytes(at, payload, lineStart, lineEnd - lineStart);
      at += lineEnd - lineStart;
      buffer.putByte(at++, LF);
      if (lineEnd == end) {
        break;
      }
      boolean crlf =
          payload.getByte(lineEnd) == CR && lineEnd + 1 < end && payload.getByte(lineEnd + 1) == LF;
      lineStart = lineEnd + (crlf ? 2 : 1);
    }
    buffer.putByte(at++, LF);
    return at - offset;
  }

  /**
   * Writes a whole body.
   *
   * @param buffer with room for {@link #maxBodyLength} bytes
   * @return the number of bytes written
   */
  public static int putBody(
      MutableDirectBuffer buffer,
      int offset,
      String type,
      @Nullable String publisherId,
      int retryMs,
      @Nullable TraceContext trace,
      DirectBuffer payload,
      int payloadOffset,
      int payloadLength) {
    int length = putFields(buffer, offset, type, publisherId, retryMs, trace);
    return length + putData(buffer, offset + length, payload, payloadOffset, payloadLength);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
