package io.ssegateway.engine.frame;

import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a body that {@link SseFrame} wrote. It reads exactly what the encoder writes, not
 * every stream that the standard allows. Immutable.
 *
 * @param type the event type
 * @param publisherId the id that the publisher gave, or null
 * @param retryMs the reconnection time in ms, or -1
 * @param trace the trace that it was published in, or null
 * @param data the payload, its lines joined by LF
 */
public record DecodedFrame(
    String type,
    @Nullable String publisherId,
    int retryMs,
    @Nullable TraceContext trace,
    String data) {

  /** Reads a body, or a frame: an id line is passed over. */
  public static DecodedFrame decode(DirectBuffer buffer, int offset, int length) {
    byte[] bytes = new byte[length];
    buffer.getBytes(offset, bytes);
    String text = new String(bytes, StandardCharsets.UTF_8);
    String type = SseFrame.DEFAULT_TYPE;
    String publisherId = null;
    String traceparent = null;
    String tracestate = null;
    int retryMs = -1;
    StringBuilder data = new StringBuilder(text.length());
    boolean first = true;
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('\n', start);
      if (end < 0) {
        end = text.length();
      }
      if (text.startsWith("data: ", start)) {
        if (!first) {
          data.append('\n');
        }
        first = false;
        data.append(text, start + 6, end);
      } else if (text.startsWith("event: ", start)) {
        type = text.substring(start + 7, end);
      } else if (text.startsWith("retry: ", start)) {
        retryMs = Integer.parseInt(text.substring(start + 7, end));
      } else if (text.startsWith(": publisher-id=", start)) {
        publisherId = text.substring(start + 15, end);
      } else if (text.startsWith(": traceparent=", start)) {
        traceparent = text.substring(start + 14, end);
      } else if (text.startsWith(": tracestate=", start)) {
        tracestate = text.substring(start + 13, end);
      }
      start = end + 1;
    }
    TraceContext trace = TraceContext.parse(traceparent, tracestate);
    return new DecodedFrame(type, publisherId, retryMs, trace, data.toString());
  }
}
