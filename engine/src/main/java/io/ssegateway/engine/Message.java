package io.ssegateway.engine;

import io.ssegateway.engine.frame.SseFrame;
import io.ssegateway.engine.frame.TraceContext;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a source offers to the {@link EventPublisher}: a payload for a channel, or for everyone.
 * Immutable and checked when it is built, as long as the caller leaves the byte array alone.
 */
public final class Message {
  /** Most characters of a channel's name. */
  public static final int MAX_CHANNEL_LENGTH = 256;

  /** Most characters of an event type. */
  public static final int MAX_TYPE_LENGTH = 256;

  /** Most characters of a publisher's id. */
  public static final int MAX_ID_LENGTH = 256;

  private final @Nullable String channel;
  private final String type;
  private final byte[] data;
  private final @Nullable String id;
  private final int retryMs;
  private final @Nullable SourceOffset sourceOffset;
  private final @Nullable TraceContext traceContext;

  private Message(
      @Nullable String channel,
      String type,
      byte[] data,
      @Nullable String id,
      int retryMs,
      @Nullable SourceOffset sourceOffset,
      @Nullable TraceContext traceContext) {
    this.channel = channel;
    this.type = type;
    this.data = data;
    this.id = id;
    this.retryMs = retryMs;
    this.sourceOffset = sourceOffset;
    this.traceContext = traceContext;
  }

  /** A message of the default type for a channel. */
  public static Message of(String channel, String data) {
    return builder().channel(channel).data(data).build();
  }

  /** A message for a channel. */
  public static Message of(String channel, String type, String data) {
    return builder().channel(channel).type(type).data(data).build();
  }

  /** A message for everyone. */
  public static Message broadcast(String type, String data) {
    return builder().type(type).data(data).build();
  }

  /**
   * Starts a message without a channel, which is a broadcast, of the default type, without data.
   */
  public static Builder builder() {
    return new Builder();
  }

  /** The channel, or null for a broadcast. */
  public @Nullable String channel() {
    return channel;
  }

  /** The event type. */
  public String type() {
    return type;
  }

  /** The publisher's own id, or null. */
  public @Nullable String id() {
    return id;
  }

  /** The reconnection time that clients are told, in ms, or -1. */
  public int retryMs() {
    return retryMs;
  }

  /** Where the source's backend has the message, or null. */
  public @Nullable SourceOffset sourceOffset() {
    return sourceOffset;
  }

  /** The trace that it is published in, or null. */
  public @Nullable TraceContext traceContext() {
    return traceContext;
  }

  /**
   * The same message for a channel.
   *
   * @throws IllegalArgumentException if the name cannot be a channel's
   */
  public Message withChannel(String newChannel) {
    return new Message(
        requireChannel(newChannel), type, data, id, retryMs, sourceOffset, traceContext);
  }

  /** The same message with its place in the source's backend. */
  public Message withSourceOffset(SourceOffset newOffset) {
    return new Message(channel, type, data, id, retryMs, newOffset, traceContext);
  }

  /** The same message without a place in the source's backend. */
  public Message withoutSourceOffset() {
    return new Message(channel, type, data, id, retryMs, null, traceContext);
  }

  /** The same message as published in a trace; null for none. */
  public Message withTraceContext(@Nullable TraceContext newContext) {
    return new Message(channel, type, data, id, retryMs, sourceOffset, newContext);
  }

  /** The payload's length in bytes. */
  public int dataLength() {
    return data.length;
  }

  /** The payload as text. */
  public String data() {
    return new String(data, StandardCharsets.UTF_8);
  }

  byte[] bytes() {
    return data;
  }

  @Override
  public String toString() {
    return "Message[channel=" + channel + ", type=" + type + ", " + data.length + " bytes]";
  }

  /**
   * Checks a channel's name: 1 to {@value #MAX_CHANNEL_LENGTH} characters, no control characters.
   *
   * @return the name
   * @throws IllegalArgumentException if it cannot be a channel
   */
  public static String requireChannel(String channel) {
    if (channel.isEmpty()) {
      throw new IllegalArgumentException("channel: \"\" (expected: not empty)");
    }
    if (channel.length() > MAX_CHANNEL_LENGTH) {
      throw new IllegalArgumentException(
          "channel: \""
              + channel.substring(0, 32)
              + "…\" of "
              + channel.length()
              + " characters (expected: at most "
              + MAX_CHANNEL_LENGTH
              + ")");
    }
    for (int i = 0; i < channel.length(); i++) {
      if (Character.isISOControl(channel.charAt(i))) {
        throw new IllegalArgumentException(
            "channel: control character " + hex(channel.charAt(i)) + " at index " + i);
      }
      requireWhole("channel", channel, i);
    }
    return channel;
  }

  private static void requireField(String name, String value, int maxLength) {
    if (value.length() > maxLength) {
      throw new IllegalArgumentException(
          name + ": " + value.length() + " characters (expected: at most " + maxLength + ")");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\r' || c == '\n' || c == 0) {
        throw new IllegalArgumentException(
            name + ": " + hex(c) + " at index " + i + " (expected: no CR, LF or NUL)");
      }
      requireWhole(name, value, i);
    }
  }

  private static void requireWhole(String name, String value, int i) {
    char c = value.charAt(i);
    boolean whole =
        !Character.isSurrogate(c)
            || (Character.isHighSurrogate(c)
                ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(value.charAt(i - 1)));
    if (!whole) {
      throw new IllegalArgumentException(
          name + ": lone surrogate " + hex(c) + " at index " + i + " (expected: Unicode text)");
    }
  }

  private static String hex(char c) {
    return String.format("U+%04X", (int) c);
  }

  /** Builds a {@link Message}. Not thread-safe. */
  public static final class Builder {
    private static final byte[] EMPTY = new byte[0];
    private @Nullable String channel;
    private String type = SseFrame.DEFAULT_TYPE;
    private byte[] data = EMPTY;
    private @Nullable String id;
    private int retryMs = -1;
    private @Nullable SourceOffset sourceOffset;
    private @Nullable TraceContext traceContext;

    private Builder() {}

    /** Sets the channel; null for a broadcast. */
    public Builder channel(@Nullable String channel) {
      this.channel = channel;
      return this;
    }

    /** Sets the event type. */
    public Builder type(String type) {
      this.type = Objects.requireNonNull(type);
      return this;
    }

    /** Sets the payload; a lone surrogate in it becomes {@code ?}. */
    public Builder data(String data) {
      this.data = data.getBytes(StandardCharsets.UTF_8);
      return this;
    }

    /**
     * Sets the payload without copying it.
     *
     * @throws IllegalArgumentException if the bytes are not UTF-8
     */
    public Builder data(byte[] utf8) {
      if (!isUtf8(utf8)) {
        throw new IllegalArgumentException("data: " + utf8.length + " bytes that are not UTF-8");
      }
      this.data = utf8;
      return this;
    }

    /** Sets the publisher's own id; null for none. */
    public Builder id(@Nullable String id) {
      this.id = id;
      return this;
    }

    /** Sets the reconnection time that clients are told, in ms; -1 for none. */
    public Builder retryMs(int retryMs) {
      this.retryMs = retryMs;
      return this;
    }

    /** Sets where the source's backend has the message; null for nowhere. */
    public Builder sourceOffset(@Nullable SourceOffset offset) {
      this.sourceOffset = offset;
      return this;
    }

    /**
     * Sets the trace that it is published in; null for none. Told only with {@link
     * EngineOptions#traceContext}.
     */
    public Builder traceContext(@Nullable TraceContext context) {
      this.traceContext = context;
      return this;
    }

    /**
     * Builds the message.
     *
     * @throws IllegalArgumentException if a field cannot go over the wire; the text tells which and
     *     why
     */
    public Message build() {
      if (channel != null) {
        requireChannel(channel);
      }
      if (type.isEmpty()) {
        throw new IllegalArgumentException("event_type: \"\" (expected: not empty)");
      }
      requireField("event_type", type, MAX_TYPE_LENGTH);
      if (id != null) {
        requireField("id", id, MAX_ID_LENGTH);
      }
      if (retryMs < -1) {
        throw new IllegalArgumentException("retry: " + retryMs + " (expected: >= 0)");
      }
      return new Message(channel, type, data, id, retryMs, sourceOffset, traceContext);
    }

    private static boolean isUtf8(byte[] bytes) {
      int i = 0;
      while (i < bytes.length && bytes[i] >= 0) {
        i++;
      }
      if (i == bytes.length) {
        return true;
      }
      CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
      try {
        CharBuffer text = decoder.decode(ByteBuffer.wrap(bytes, i, bytes.length - i));
        return text.hasRemaining();
      } catch (CharacterCodingException e) {
        return false;
      }
    }
  }
}
