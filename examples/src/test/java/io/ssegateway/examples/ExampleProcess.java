package io.ssegateway.examples;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A program in a process of its own: an example, as a reader of the README runs it, or a shell. */
final class ExampleProcess implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Pattern URL = Pattern.compile("http://127\\.0\\.0\\.1:[0-9]+");

  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Thread reader;

  private ExampleProcess(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    reader = new Thread(this::read, "example-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** Runs an example out of the packaged jar. */
  static ExampleProcess example(String... arguments) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    List<String> command =
        new CopyOnWriteArrayList<>(
            List.of(
                java.toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                System.getProperty("examples.jar")));
    command.addAll(List.of(arguments));
    return new ExampleProcess(command);
  }

  /** Runs commands in a shell. */
  static ExampleProcess shell(String commands) throws IOException {
    return new ExampleProcess(List.of("bash", "-c", commands));
  }

  private void read() {
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = output.readLine()) != null) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("(output ended: " + e.getMessage() + ")");
    }
  }

  /** Waits until a line contains the text, and answers the first that does. */
  String line(String text) {
    return await("\"" + text + "\" in " + lines)
        .atMost(LIMIT)
        .until(
            () -> lines.stream().filter(line -> line.contains(text)).findFirst().orElse(""),
            line -> !line.isEmpty());
  }

  /** The command that the example printed behind a label. */
  String command(String label) {
    return line(label).substring(line(label).indexOf(label) + label.length()).strip();
  }

  /** Where it listens, as it printed it. */
  String url() {
    Matcher matcher = URL.matcher(line("http://127.0.0.1:"));
    if (!matcher.find()) {
      throw new IllegalStateException("no address in " + lines);
    }
    return matcher.group();
  }

  List<String> lines() {
    return lines;
  }

  /** Sends SIGTERM, and answers the exit code. */
  int terminate() throws InterruptedException {
    process.toHandle().destroy();
    return exitCode();
  }

  /** Waits for the end, and for the last of its output. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("does not end: " + lines);
    }
    reader.join(LIMIT.toMillis());
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
