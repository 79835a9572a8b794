package io.ssegateway.transport.netty;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes JSON into bytes. Thread-safe. */
final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  /** Something that writes JSON. */
  interface Writer {
    void writeTo(JsonGenerator json) throws IOException;
  }

  private Json() {}

  static byte[] write(Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      writer.writeTo(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of a buffer in memory
    }
    return bytes.toByteArray();
  }
}
