package io.ssegateway.transport.netty.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/**
 * Programs that a test can do without: where one is missing the test is skipped, unless {@code
 * SSE_GATEWAY_REQUIRE_OPTIONAL=true} makes that a failure.
 */
public final class OptionalPrograms {
  private OptionalPrograms() {}

  /** Skips the test, or fails it where everything is required. */
  public static void missing(String what) {
    if ("true".equals(System.getenv("SSE_GATEWAY_REQUIRE_OPTIONAL"))) {
      throw new AssertionFailedError(what + " (SSE_GATEWAY_REQUIRE_OPTIONAL=true)");
    }
    throw new TestAbortedException(what);
  }

  /** Whether a program of this name is on the path. */
  public static boolean has(String program) {
    for (String directory : System.getenv("PATH").split(java.io.File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Runs a program to its end, two minutes at most.
   *
   * @return null if it succeeded, else what it said
   */
  public static String run(Path directory, List<String> command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("program", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(120, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      String said = Files.readString(output, StandardCharsets.UTF_8);
      return ended && process.exitValue() == 0 ? null : String.join(" ", command) + ": " + said;
    } finally {
      Files.deleteIfExists(output);
    }
  }
}
