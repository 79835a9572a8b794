package io.ssegateway.transport.netty;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * The OpenAPI document of what a gateway answers: that of its own paths, which stands beside this
 * class, with those that the program has described in it. Stateless.
 */
final class ApiDocument {
  private static final String OWN = "openapi.json";
  private static final JsonFactory FACTORY = new JsonFactory();

  private ApiDocument() {}

  /**
   * Writes the document.
   *
   * @param described Path Item Objects as JSON by path, in the order in which they are to stand
   */
  static byte[] with(Map<String, String> described) {
    return Json.write(json -> copy(json, described));
  }

  /**
   * Checks a Path Item Object.
   *
   * @throws IllegalArgumentException if it is no JSON object
   */
  static void requireObject(String path, String item) {
    try (JsonParser parser = FACTORY.createParser(item)) {
      boolean object = parser.nextToken() == JsonToken.START_OBJECT;
      parser.skipChildren();
      if (object && parser.nextToken() == null) {
        return;
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("description of " + path + ": " + e.getMessage(), e);
    }
    throw new IllegalArgumentException("description of " + path + " (expected: one JSON object)");
  }

  private static void copy(JsonGenerator json, Map<String, String> described) throws IOException {
    try (InputStream own = ApiDocument.class.getResourceAsStream(OWN);
        JsonParser parser = FACTORY.createParser(own)) {
      parser.nextToken();
      json.writeStartObject();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        json.writeFieldName(field);
        switch (field) {
          case "info" -> copyInfo(parser, json);
          case "paths" -> copyPaths(parser, json, described);
          default -> json.copyCurrentStructure(parser);
        }
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(OWN + " cannot be read", e);
    }
  }

  private static void copyInfo(JsonParser parser, JsonGenerator json) throws IOException {
    String version = ApiDocument.class.getPackage().getImplementationVersion();
    json.writeStartObject();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      json.copyCurrentStructure(parser);
    }
    json.writeStringField("version", version == null ? "development" : version);
    json.writeEndObject();
  }

  private static void copyPaths(
      JsonParser parser, JsonGenerator json, Map<String, String> described) throws IOException {
    json.writeStartObject();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      json.copyCurrentStructure(parser);
    }
    for (Map.Entry<String, String> added : described.entrySet()) {
      json.writeFieldName(added.getKey());
      try (JsonParser item = FACTORY.createParser(added.getValue())) {
        item.nextToken();
        json.copyCurrentStructure(item);
      }
    }
    json.writeEndObject();
  }
}
