package io.ssegateway.storage.redis;

import io.ssegateway.engine.frame.SseFrame;
import io.ssegateway.engine.frame.TraceContext;
import io.ssegateway.engine.journal.JournalException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An event as it is in the order. Immutable.
 *
 * @param position its position
 * @param previous position of the event before it
 * @param previousOfChannel position of the event of its channel before it, or one up to which that
 *     may be lost
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record StoredEvent(
    long position,
    long previous,
    long previousOfChannel,
    @Nullable String channel,
    String type,
    @Nullable String publisherId,
    int retryMs,
    @Nullable TraceContext traceContext,
    long publishTimeMs,
    byte[] payload) {

  static StoredEvent of(String id, Map<String, byte[]> fields) {
    byte[] publisherId = fields.get("i");
    return new StoredEvent(
        Positions.of(id),
        Positions.of(field(id, fields.get("p"))),
        Positions.of(field(id, fields.get("q"))),
        channel(field(id, fields.get("c"))),
        text(field(id, fields.get("t"))),
        publisherId == null ? null : text(publisherId),
        Integer.parseInt(text(field(id, fields.get("r")))),
        traceContext(fields.get("x")),
        Long.parseLong(text(field(id, fields.get("m")))),
        field(id, fields.get("d")));
  }

  /** Of a list of names and values, as a script answers them. */
  static StoredEvent of(String id, List<Object> fields) {
    Map<String, byte[]> map = new HashMap<>();
    for (int i = 0; i < fields.size(); i += 2) {
      map.put(text((byte[]) fields.get(i)), (byte[]) fields.get(i + 1));
    }
    return of(id, map);
  }

  private static byte[] field(String id, byte @Nullable [] value) {
    if (value == null) {
      throw new JournalException("event " + id + " in Redis lacks a field: it is not of a gateway");
    }
    return value;
  }

  private static @Nullable String channel(byte[] name) {
    return name.length == 0 ? null : text(name);
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  /** As {@link #text(TraceContext)} wrote it. */
  private static @Nullable TraceContext traceContext(byte @Nullable [] value) {
    if (value == null) {
      return null;
    }
    String text = text(value);
    int space = text.indexOf(' ');
    return space < 0
        ? TraceContext.parse(text, null)
        : TraceContext.parse(text.substring(0, space), text.substring(space + 1));
  }

  /** A trace context as it is kept; empty for none. */
  static String text(@Nullable TraceContext trace) {
    if (trace == null) {
      return "";
    }
    String state = trace.tracestate();
    return state == null ? trace.traceparent() : trace.traceparent() + ' ' + state;
  }

  /** Writes the frame body and answers its length. */
  int putBody(ExpandableArrayBuffer buffer) {
    UnsafeBuffer view = new UnsafeBuffer(payload);
    return SseFrame.putBody(
        buffer, 0, type, publisherId, retryMs, traceContext, view, 0, payload.length);
  }
}
