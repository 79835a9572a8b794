package io.ssegateway.sources.kafka;

import io.ssegateway.codec.json.JsonMessageException;
import io.ssegateway.codec.json.JsonMessages;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.frame.TraceContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Makes a message of a record. Immutable and thread-safe. */
final class RecordMapper {
  private final KafkaSourceOptions options;
  private final int maxPayloadBytes;
  private final JsonMessages json = new JsonMessages(1);

  RecordMapper(KafkaSourceOptions options, int maxPayloadBytes) {
    this.options = options;
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /**
   * The message of a record, without its place.
   *
   * @throws BadRecordException if there can be none; the text says why
   */
  Message map(ConsumerRecord<byte[], byte[]> record) throws BadRecordException {
    byte[] value = record.value();
    if (value == null) {
      throw new BadRecordException("value: none (expected: data; a tombstone is no event)");
    }
    String channelHeader = options.channelHeader();
    String channel =
        channelHeader == null
            ? text("key", record.key())
            : header(record, channelHeader, "channel");
    Message message =
        options.valueFormat() == ValueFormat.JSON
            ? json(value, channel)
            : text(record, value, channel);
    if (options.channelRequired() && message.channel() == null) {
      throw new BadRecordException(
          "channel: none (expected: "
              + (channelHeader == null ? "a key" : "a header " + channelHeader)
              + ")");
    }
    if (message.dataLength() > maxPayloadBytes) {
      throw new BadRecordException(
          "data: " + message.dataLength() + " bytes (expected: at most " + maxPayloadBytes + ")");
    }
    TraceContext trace =
        TraceContext.parse(ascii(record, "traceparent"), ascii(record, "tracestate"));
    return trace == null ? message : message.withTraceContext(trace);
  }

  /** A header that the OpenTelemetry instrumentation of a producer sets; null if there is none. */
  private static @Nullable String ascii(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.US_ASCII);
  }

  private Message json(byte[] value, @Nullable String channel) throws BadRecordException {
    try {
      return json.parseOne(value, channel);
    } catch (JsonMessageException | IllegalArgumentException e) {
      throw new BadRecordException(String.valueOf(e.getMessage()));
    }
  }

  private Message text(
      ConsumerRecord<byte[], byte[]> record, byte[] value, @Nullable String channel)
      throws BadRecordException {
    String type = header(record, options.typeHeader(), "event_type");
    String id = header(record, options.idHeader(), "id");
    try {
      Message.Builder message = Message.builder().channel(channel).data(value).id(id);
      if (type != null) {
        message.type(type);
      }
      return message.build();
    } catch (IllegalArgumentException e) {
      throw new BadRecordException(String.valueOf(e.getMessage()));
    }
  }

  private static @Nullable String header(
      ConsumerRecord<byte[], byte[]> record, @Nullable String name, String field)
      throws BadRecordException {
    if (name == null) {
      return null;
    }
    Header header = record.headers().lastHeader(name);
    return header == null ? null : text(field, header.value());
  }

  private static @Nullable String text(String field, byte @Nullable [] utf8)
      throws BadRecordException {
    if (utf8 == null) {
      return null;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new BadRecordException(field + ": " + utf8.length + " bytes that are not UTF-8");
    }
  }
}
