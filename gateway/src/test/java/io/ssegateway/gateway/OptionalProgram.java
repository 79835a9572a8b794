package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A program that a test needs and the machine may not have. */
final class OptionalProgram {
  private OptionalProgram() {}

  /** Where it is; else the test is skipped, or fails if optional parts are required. */
  static String find(String name) {
    Stream<String> directories =
        Stream.concat(
            Stream.of(System.getenv("PATH").split(":", -1)), List.of("/usr/sbin").stream());
    Path found =
        directories
            .map(directory -> Path.of(directory, name))
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    if (found == null && "true".equals(System.getenv("SSE_GATEWAY_REQUIRE_OPTIONAL"))) {
      fail(name + " is not installed, and SSE_GATEWAY_REQUIRE_OPTIONAL=true");
    }
    assumeTrue(found != null, name + " is not installed");
    return String.valueOf(found);
  }
}
