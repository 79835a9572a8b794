package io.ssegateway.storage.chronicle;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of this JVM, with the same access to it, that a test may kill. */
final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader lines;

  private ChildJvm(Process process) {
    this.process = process;
    this.lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts a main class; what it says on standard error goes to the test's. */
  static ChildJvm start(List<String> jvmOptions, Class<?> main, String... arguments) {
    return start(List.of(), jvmOptions, main, arguments);
  }

  static ChildJvm start(
      List<String> prefix, List<String> jvmOptions, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (option.startsWith("--add-") || option.startsWith("--enable-native-access")) {
        command.add(option);
      }
    }
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    try {
      return new ChildJvm(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Process process() {
    return process;
  }

  /** The next line of its standard output; null at the end. */
  String readLine() {
    try {
      return lines.readLine();
    } catch (IOException e) {
      return null; // the pipe broke with the process
    }
  }

  /** Reads on up to a line that begins like this, and answers it. */
  String awaitLine(String beginning) {
    String line;
    do {
      line = readLine();
      if (line == null) {
        throw new IllegalStateException("the child ended before it said " + beginning);
      }
    } while (!line.startsWith(beginning));
    return line;
  }

  void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("process " + process.pid() + " does not die");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    kill();
  }
}
