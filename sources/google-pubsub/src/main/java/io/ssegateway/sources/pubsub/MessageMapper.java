package io.ssegateway.sources.pubsub;

import com.google.pubsub.v1.PubsubMessage;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.frame.TraceContext;

/**
 * Makes a message of a Pub/Sub message: its data is the event's, and the attributes {@code
 * channel_id}, {@code event_type}, {@code id} and {@code retry} say the rest. The trace is that of
 * the attributes which the client libraries of Pub/Sub set, such as {@code googclient_traceparent}.
 * Immutable and thread-safe.
 */
final class MessageMapper {
  private final boolean channelRequired;
  private final int maxPayloadBytes;

  MessageMapper(boolean channelRequired, int maxPayloadBytes) {
    this.channelRequired = channelRequired;
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /**
   * The event's message.
   *
   * @throws BadMessageException if there can be none; the text says why
   */
  Message map(PubsubMessage message) throws BadMessageException {
    if (message.getData().size() > maxPayloadBytes) {
      throw new BadMessageException(
          "data: "
              + message.getData().size()
              + " bytes (expected: at most "
              + maxPayloadBytes
              + ")");
    }
    String channel = message.getAttributesMap().get("channel_id");
    if (channel == null && channelRequired) {
      throw new BadMessageException("channel: none (expected: an attribute channel_id)");
    }
    String type = message.getAttributesMap().get("event_type");
    String retry = message.getAttributesMap().get("retry");
    try {
      Message.Builder builder =
          Message.builder()
              .channel(channel)
              .data(message.getData().toByteArray())
              .id(message.getAttributesMap().get("id"))
              .traceContext(
                  TraceContext.parse(
                      message.getAttributesMap().get("googclient_traceparent"),
                      message.getAttributesMap().get("googclient_tracestate")));
      if (type != null) {
        builder.type(type);
      }
      if (retry != null) {
        builder.retryMs(retryMs(retry));
      }
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new BadMessageException(String.valueOf(e.getMessage()));
    }
  }

  private static int retryMs(String text) {
    try {
      int ms = Integer.parseInt(text);
      if (ms >= 0) {
        return ms;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new IllegalArgumentException(
        "retry: \"" + text + "\" (expected: ms from 0 to " + Integer.MAX_VALUE + ")");
  }
}
