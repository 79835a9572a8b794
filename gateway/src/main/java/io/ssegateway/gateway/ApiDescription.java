package io.ssegateway.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What the OpenAPI document says of a path that the gateway adds. Stateless. */
final class ApiDescription {
  private ApiDescription() {}

  /** The Path Item Object that stands beside this class as {@code NAME.openapi.json}. */
  static String of(String name) {
    String file = name + ".openapi.json";
    try (InputStream in = ApiDescription.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException(file + " (expected: a resource of the gateway)");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }
}
