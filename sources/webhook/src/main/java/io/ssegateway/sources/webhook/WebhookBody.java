package io.ssegateway.sources.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds values in a JSON body by pointer, all of them in one pass over its tokens; no tree is
 * built. Used once, by one thread.
 */
final class WebhookBody {
  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();
  private static final JsonPointer WHOLE = JsonPointer.empty();

  /**
   * A value of the body.
   *
   * @param scalar a string, number or boolean as text; null for anything else
   * @param json the value's bytes as compact JSON; a string as it is
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Value(@Nullable String scalar, byte[] json) {}

  /** A pointer that is looked for, and what of it is left below the place where the walk is. */
  private record Sought(JsonPointer pointer, JsonPointer rest) {}

  private final byte[] body;
  private final Map<JsonPointer, Value> values = new HashMap<>();

  private WebhookBody(byte[] body) {
    this.body = body;
  }

  /**
   * The values at the pointers; the empty pointer is the whole body. What the body lacks, or has as
   * null, is not in the map. Of a field that is given twice the last counts.
   *
   * @throws BadWebhookException if the body is not one JSON value
   */
  static Map<JsonPointer, Value> find(byte[] body, List<JsonPointer> pointers)
      throws BadWebhookException {
    WebhookBody found = new WebhookBody(body);
    try (JsonParser parser = FACTORY.createParser(body)) {
      if (parser.nextToken() == null) {
        throw new BadWebhookException("body: empty (expected: JSON)");
      }
      List<Sought> sought = new ArrayList<>(pointers.size());
      pointers.forEach(pointer -> sought.add(new Sought(pointer, pointer)));
      found.walk(parser, sought);
      if (parser.nextToken() != null) {
        throw new BadWebhookException("body: something after the JSON value (expected: nothing)");
      }
    } catch (JsonProcessingException e) {
      throw new BadWebhookException(
          "body: malformed JSON at line "
              + (e.getLocation() == null ? 0 : e.getLocation().getLineNr())
              + ": "
              + e.getOriginalMessage());
    } catch (IOException e) {
      throw new BadWebhookException("body: malformed JSON: " + e.getMessage());
    }
    return found.values;
  }

  /** Reads the value whose first token is current, up to its last token. */
  private void walk(JsonParser parser, List<Sought> sought) throws IOException {
    JsonToken token = parser.currentToken();
    if (!token.isStructStart()) {
      putScalar(parser, token, sought);
      return;
    }
    int from = (int) parser.currentTokenLocation().getByteOffset();
    if (token == JsonToken.START_OBJECT) {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        List<Sought> below = below(sought, rest -> rest.matchProperty(name));
        parser.nextToken();
        descend(parser, below);
      }
    } else {
      for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
        int index = i;
        descend(parser, below(sought, rest -> rest.matchElement(index)));
      }
    }
    int to = (int) parser.currentLocation().getByteOffset();
    for (Sought s : sought) {
      if (s.rest.matches()) {
        values.put(s.pointer, new Value(null, compact(body, from, to)));
      }
    }
  }

  private void descend(JsonParser parser, List<Sought> below) throws IOException {
    if (below.isEmpty()) {
      parser.skipChildren();
    } else {
      walk(parser, below);
    }
  }

  private interface Step {
    @Nullable JsonPointer match(JsonPointer rest);
  }

  private static List<Sought> below(List<Sought> sought, Step step) {
    List<Sought> below = List.of();
    for (Sought s : sought) {
      JsonPointer rest = s.rest.matches() ? null : step.match(s.rest);
      if (rest != null) {
        if (below.isEmpty()) {
          below = new ArrayList<>(2);
        }
        below.add(new Sought(s.pointer, rest));
      }
    }
    return below;
  }

  private void putScalar(JsonParser parser, JsonToken token, List<Sought> sought)
      throws IOException {
    for (Sought s : sought) {
      if (!s.rest.matches()) {
        continue;
      }
      String text = parser.getText();
      byte[] json = text.getBytes(StandardCharsets.UTF_8);
      if (token != JsonToken.VALUE_NULL) {
        values.put(s.pointer, new Value(text, json));
      } else if (s.pointer.equals(WHOLE)) {
        values.put(s.pointer, new Value(null, json));
      } else {
        values.remove(s.pointer);
      }
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
}
