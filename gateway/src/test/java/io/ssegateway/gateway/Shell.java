package io.ssegateway.gateway;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Commands that end by themselves. */
final class Shell {
  private static final int LIMIT_SECONDS = 60;

  private Shell() {}

  /** What a command printed, on both outputs; the test fails if it did not succeed. */
  static String run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("shell", ".out");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
      builder.environment().keySet().retainAll(List.of("PATH", "HOME")); // as GatewayProcess does
      builder.environment().putAll(environment);
      Process process = builder.start();
      boolean ended = process.waitFor(LIMIT_SECONDS, SECONDS);
      process.destroyForcibly();
      String printed = Files.readString(output, StandardCharsets.UTF_8);
      assertThat(ended).as("%s ends; it printed %s", List.of(command), printed).isTrue();
      assertThat(process.exitValue()).as("%s; it printed %s", List.of(command), printed).isZero();
      return printed;
    } finally {
      Files.delete(output);
    }
  }
}
