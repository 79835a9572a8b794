package io.ssegateway.codec.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.ssegateway.codec.json.JsonMessageException.Reason;
import io.ssegateway.engine.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages: one JSON object, an array of objects, or objects one after the other, which
 * covers NDJSON. All or nothing: one bad message refuses them all. Immutable and thread-safe.
 *
 * <p>The fields of a message are {@code channel_id} (absent or null: everyone), {@code event_type},
 * {@code data} (required; a string goes as it is, any other value as compact JSON), {@code id} and
 * {@code retry} in ms. An unknown field is refused, because a misspelt {@code channel_id} would
 * make a broadcast of a message that was meant for one channel.
 */
public final class JsonMessages {
  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();

  private static final String EXPECTED = "channel_id, event_type, data, id, retry";

  private static final int MAX_SHOWN = 64;
  private static final int DECODED_CHARS = 1024;

  private final int maxMessages;

  /**
   * Creates a reader.
   *
   * @param maxMessages most messages of one body, {@code > 0}
   */
  public JsonMessages(int maxMessages) {
    if (maxMessages <= 0) {
      throw new IllegalArgumentException("maxMessages: " + maxMessages + " (expected: > 0)");
    }
    this.maxMessages = maxMessages;
  }

  /**
   * The messages of a body.
   *
   * @param messages in the order in which they stand
   * @param single whether the body was one object, not an array or several lines
   */
  public record Parsed(List<Message> messages, boolean single) {}

  /**
   * Reads a body in UTF-8.
   *
   * @throws JsonMessageException if it holds anything but messages; the text says where and why
   */
  public Parsed parse(byte[] body) throws JsonMessageException {
    requireUtf8(body);
    try (JsonParser parser = FACTORY.createParser(body)) {
      return parse(parser, body);
    } catch (JsonProcessingException e) {
      throw bad("malformed JSON" + place(e.getLocation()) + ": " + e.getOriginalMessage());
    } catch (IOException e) {
      throw bad("malformed JSON: " + e.getMessage());
    }
  }

  /**
   * Reads one message whose channel the transport knows.
   *
   * @param body one JSON object in UTF-8
   * @param channel the channel of a message that names none itself; null for everyone
   * @throws JsonMessageException if it is anything but one message
   */
  public Message parseOne(byte[] body, @Nullable String channel) throws JsonMessageException {
    Parsed parsed = parse(body);
    if (!parsed.single()) {
      throw bad("body: " + parsed.messages().size() + " messages (expected: one JSON object)");
    }
    Message message = parsed.messages().get(0);
    return message.channel() == null && channel != null ? message.withChannel(channel) : message;
  }

  private Parsed parse(JsonParser parser, byte[] body) throws IOException, JsonMessageException {
    List<Message> messages = new ArrayList<>(1);
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw bad("body: empty (expected: a JSON object, an array, or NDJSON)");
    }
    boolean single = token == JsonToken.START_OBJECT;
    if (token == JsonToken.START_ARRAY) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        add(messages, parser, body);
      }
      token = parser.nextToken();
      if (token != null) {
        throw problem(parser, "something after the array (expected: nothing)");
      }
      return new Parsed(messages, false);
    }
    while (token != null) {
      add(messages, parser, body);
      token = parser.nextToken();
    }
    return new Parsed(messages, single && messages.size() == 1);
  }

  private void add(List<Message> messages, JsonParser parser, byte[] body)
      throws IOException, JsonMessageException {
    if (messages.size() == maxMessages) {
      throw new JsonMessageException(
          "messages: more than " + maxMessages + " in one request (expected: fewer)",
          Reason.TOO_MANY);
    }
    messages.add(message(parser, body, messages.size()));
  }

  private static Message message(JsonParser parser, byte[] body, int index)
      throws IOException, JsonMessageException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw problem(parser, "message " + index + ": not a JSON object");
    }
    Message.Builder builder = Message.builder();
    int seen = 0;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      int field =
          switch (name) {
            case "channel_id" -> {
              builder.channel(text(parser, name, value));
              yield 1;
            }
            case "event_type" -> {
              String type = text(parser, name, value);
              if (type != null) {
                builder.type(type);
              }
              yield 2;
            }
            case "data" -> {
              data(builder, parser, value, body);
              yield 4;
            }
            case "id" -> {
              builder.id(text(parser, name, value));
              yield 8;
            }
            case "retry" -> {
              retry(builder, parser, value);
              yield 16;
            }
            default ->
                throw problem(
                    parser,
                    "message "
                        + index
                        + ": unknown field \""
                        + cut(name)
                        + "\" (expected: "
                        + EXPECTED
                        + ")");
          };
      if ((seen & field) != 0) {
        throw problem(parser, "message " + index + ": field \"" + name + "\" given twice");
      }
      seen |= field;
    }
    if ((seen & 4) == 0) {
      throw problem(parser, "message " + index + ": no field \"data\"");
    }
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new JsonMessageException( // the rest was checked when it was read
          "message " + index + ": " + e.getMessage() + place(parser.currentTokenLocation()),
          Reason.NAME);
    }
  }

  private static @Nullable String text(JsonParser parser, String name, JsonToken value)
      throws IOException, JsonMessageException {
    if (value == JsonToken.VALUE_NULL) {
      return null;
    }
    if (value == JsonToken.VALUE_STRING || (name.equals("id") && value.isNumeric())) {
      return parser.getText();
    }
    throw problem(parser, name + ": " + cut(parser.getText()) + " (expected: a string)");
  }

  private static void retry(Message.Builder builder, JsonParser parser, JsonToken value)
      throws IOException, JsonMessageException {
    if (value == JsonToken.VALUE_NULL) {
      return;
    }
    if (value != JsonToken.VALUE_NUMBER_INT
        || parser.getNumberType() != JsonParser.NumberType.INT
        || parser.getIntValue() < 0) {
      throw problem(
          parser,
          "retry: "
              + cut(parser.getText())
              + " (expected: ms from 0 to "
              + Integer.MAX_VALUE
              + ")");
    }
    builder.retryMs(parser.getIntValue());
  }

  /** A string goes as it is, any other value as compact JSON, its numbers to the letter. */
  private static void data(Message.Builder builder, JsonParser parser, JsonToken value, byte[] body)
      throws IOException, JsonMessageException {
    if (value == JsonToken.VALUE_STRING) {
      builder.data(parser.getText());
    } else if (value.isStructStart()) {
      int from = (int) parser.currentTokenLocation().getByteOffset();
      parser.skipChildren();
      int to = (int) parser.currentLocation().getByteOffset();
      byte[] compact = compact(body, from, to);
      try {
        builder.data(compact);
      } catch (IllegalArgumentException e) {
        throw problem(parser, String.valueOf(e.getMessage()));
      }
    } else {
      builder.data(parser.getText().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Copies valid JSON without the white space between its tokens. */
  private static byte[] compact(byte[] json, int from, int to) {
    byte[] out = new byte[to - from];
    int length = 0;
    boolean inString = false;
    for (int i = from; i < to; i++) {
      byte b = json[i];
      if (inString) {
        out[length++] = b;
        if (b == '\\') {
          out[length++] = json[++i];
        } else if (b == '"') {
          inString = false;
        }
      } else if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        out[length++] = b;
        inString = b == '"';
      }
    }
    return length == out.length ? out : Arrays.copyOf(out, length);
  }

  /** What stands in an error is short, however long it came in. */
  private static String cut(String text) {
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
  }

  /**
   * Refuses a body that is not UTF-8. The parser lets pass what the standard forbids, such as
   * overlong forms and surrogates, and makes other characters of it.
   */
  private static void requireUtf8(byte[] body) throws JsonMessageException {
    int ascii = 0;
    while (ascii < body.length && body[ascii] >= 0) {
      ascii++;
    }
    if (ascii == body.length) {
      return;
    }
    ByteBuffer rest = ByteBuffer.wrap(body, ascii, body.length - ascii);
    CharBuffer text = CharBuffer.allocate(DECODED_CHARS);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CoderResult result;
    do {
      text.clear();
      result = decoder.decode(rest, text, true);
    } while (result.isOverflow());
    if (result.isError()) {
      throw bad("malformed JSON: no UTF-8 at byte " + rest.position());
    }
  }

  private static JsonMessageException problem(JsonParser parser, String what) {
    return bad(what + place(parser.currentTokenLocation()));
  }

  private static JsonMessageException bad(String detail) {
    return new JsonMessageException(detail, Reason.MALFORMED);
  }

  private static String place(@Nullable JsonLocation location) {
    return location == null
        ? ""
        : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
  }
}
