package io.ssegateway.sources.redis;

import io.ssegateway.engine.Message;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a message of a stream's entry. Immutable and thread-safe. */
final class EntryDecoder {
  private final @Nullable String jsonField;
  private final MessageDecoder json;

  EntryDecoder(@Nullable String jsonField, boolean strictJson) {
    this.jsonField = jsonField;
    this.json = new MessageDecoder(strictJson);
  }

  /**
   * Reads an entry.
   *
   * @param channel the channel of an entry that names none; null for everyone
   * @throws IllegalArgumentException if it is no message
   */
  Message decode(Map<String, byte[]> fields, @Nullable String channel) {
    if (jsonField == null) {
      return decodeFields(fields, channel);
    }
    byte[] payload = fields.get(jsonField);
    if (payload == null) {
      throw new IllegalArgumentException("no field \"" + jsonField + "\"");
    }
    return json.decode(payload, channel);
  }

  private static Message decodeFields(Map<String, byte[]> fields, @Nullable String channel) {
    Message.Builder builder = Message.builder().channel(channel);
    boolean hasData = false;
    for (Map.Entry<String, byte[]> field : fields.entrySet()) {
      byte[] value = field.getValue();
      switch (field.getKey()) {
        case "channel_id" -> builder.channel(text(value));
        case "event_type" -> builder.type(text(value));
        case "id" -> builder.id(text(value));
        case "retry" -> builder.retryMs(retry(text(value)));
        case "data" -> {
          builder.data(value);
          hasData = true;
        }
        default ->
            // A misspelt channel_id would make a broadcast of what was meant for one channel.
            throw new IllegalArgumentException(
                "unknown field \""
                    + field.getKey()
                    + "\" (expected: channel_id, event_type, data, id, retry)");
      }
    }
    if (!hasData) {
      throw new IllegalArgumentException("no field \"data\"");
    }
    return builder.build();
  }

  private static int retry(String text) {
    try {
      int ms = Integer.parseInt(text);
      if (ms >= 0) {
        return ms;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("retry: \"" + text + "\" (expected: ms)", e);
    }
    throw new IllegalArgumentException("retry: " + text + " (expected: >= 0)");
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }
}
