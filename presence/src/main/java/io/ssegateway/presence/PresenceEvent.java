package io.ssegateway.presence;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to presence. Immutable.
 *
 * @param channel null if it is about the node
 * @param subject who it is by their credential; null if nobody knows, or if it is about the node
 * @param connectionId the first, or last, of the member's streams; 0 if it is about the node
 * @param timeMs when it was noticed, in ms since 1970
 */
record PresenceEvent(
    Kind kind, @Nullable String channel, @Nullable String subject, long connectionId, long timeMs) {

  /** What happened. */
  enum Kind {
    /** A member has its first stream of a channel. */
    JOIN,
    /** A member has no stream of a channel any more. */
    LEAVE,
    /** The node begins, without members. */
    STARTED,
    /** The node ends; its members are void. */
    STOPPED;

    /** The name in messages. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static PresenceEvent ofNode(Kind kind, long timeMs) {
    return new PresenceEvent(kind, null, null, 0, timeMs);
  }

  /** Writes it as an object. */
  void writeTo(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("event", kind.label());
    if (channel != null) {
      json.writeStringField("channel_id", channel);
      json.writeStringField("subject", subject);
      json.writeNumberField("connection_id", connectionId);
    }
    json.writeNumberField("time_ms", timeMs);
    json.writeEndObject();
  }
}
