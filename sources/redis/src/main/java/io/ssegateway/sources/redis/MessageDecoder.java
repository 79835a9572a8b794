package io.ssegateway.sources.redis;

import io.ssegateway.codec.json.JsonMessageException;
import io.ssegateway.codec.json.JsonMessages;
import io.ssegateway.engine.Message;
import org.jspecify.annotations.Nullable;

/** Makes a message of a payload. Immutable and thread-safe. */
final class MessageDecoder {
  private static final JsonMessages JSON = new JsonMessages(1);

  private final boolean strict;

  /**
   * Creates a decoder.
   *
   * @param strict whether a payload that is no JSON message is refused instead of taken as it is
   */
  MessageDecoder(boolean strict) {
    this.strict = strict;
  }

  /**
   * Reads a payload.
   *
   * @param channel the channel that it came on; null for everyone
   * @throws IllegalArgumentException if it is no UTF-8, or no message and has to be one, or if the
   *     channel cannot be one
   */
  Message decode(byte[] payload, @Nullable String channel) {
    if (strict || beginsAnObject(payload)) {
      try {
        return JSON.parseOne(payload, channel);
      } catch (JsonMessageException e) {
        if (strict) {
          throw new IllegalArgumentException(e.getMessage(), e);
        }
      }
    }
    return Message.builder().channel(channel).data(payload).build();
  }

  private static boolean beginsAnObject(byte[] payload) {
    for (byte b : payload) {
      if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
        return b == '{';
      }
    }
    return false;
  }
}
