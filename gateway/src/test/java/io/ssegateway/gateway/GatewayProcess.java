package io.ssegateway.gateway;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The executable jar in a process of its own, as a user would run it. */
final class GatewayProcess implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listens on (http://[^ \"]+:([0-9]+))");
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final Process process;
  private final @Nullable Path ownHome;
  private final List<String> output = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Integer> port = new CompletableFuture<>();
  private final Thread reader;

  private GatewayProcess(Process process, @Nullable Path ownHome) {
    this.process = process;
    this.ownHome = ownHome;
    this.reader = new Thread(this::read, "gateway-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** Java of the running JDK. */
  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  static Path jar() {
    Path jar = Path.of(System.getProperty("ssegateway.jar", "target/sse-gateway.jar"));
    if (!Files.exists(jar)) {
      throw new IllegalStateException(jar + " does not exist (run: mvn package)");
    }
    return jar;
  }

  /** Starts the jar on the running JDK, quickly. */
  static GatewayProcess start(String... arguments) throws IOException {
    return start(java(), ClassArchive.options(), Map.of(), arguments);
  }

  /** Starts the jar as it is, without any option of the JVM that changes how it runs. */
  static GatewayProcess start(Path java, Map<String, String> environment, String... arguments)
      throws IOException {
    return start(java, List.of(), environment, arguments);
  }

  /**
   * Starts the jar; nothing of this process's environment but PATH and HOME is handed on. Has a
   * data directory of its own, unless the arguments name one.
   */
  static GatewayProcess start(
      Path java, List<String> options, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(java.toString(), "-Xmx256m"));
    command.addAll(options);
    command.addAll(List.of("-jar", jar().toString()));
    command.addAll(List.of(arguments));
    boolean hasHome = List.of(arguments).stream().anyMatch(a -> a.startsWith("--data-dir"));
    Path ownHome = hasHome ? null : Files.createTempDirectory("sse-gateway-it");
    if (ownHome != null) {
      command.add("--data-dir=" + ownHome);
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().retainAll(List.of("PATH", "HOME"));
    builder.environment().putAll(environment);
    return new GatewayProcess(builder.start(), ownHome);
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = lines.readLine()) != null) {
        output.add(line);
        Matcher matcher = LISTENING.matcher(line.replace("\\/", "/"));
        if (matcher.find()) {
          port.complete(Integer.valueOf(matcher.group(2)));
        }
      }
    } catch (IOException e) {
      output.add("(output ended: " + e.getMessage() + ")");
    }
    port.completeExceptionally(new IllegalStateException("it ended without listening: " + output));
  }

  /** Waits until it listens and answers the port. */
  int port() {
    try {
      return port.get(START_LIMIT.toSeconds(), SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException("does not listen: " + output, e);
    }
  }

  String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** What it has printed so far. */
  List<String> output() {
    return output;
  }

  long pid() {
    return process.pid();
  }

  /** Sends SIGTERM. By the handle: the process itself would close the streams we read. */
  void terminate() {
    process.toHandle().destroy();
  }

  /** Sends SIGKILL, and waits for the end. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Waits for the end, and for the last of its output, and answers the exit code. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(START_LIMIT.toSeconds(), SECONDS)) {
      throw new IllegalStateException("does not end: " + output);
    }
    reader.join(START_LIMIT.toMillis());
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    if (ownHome != null) {
      delete(ownHome);
    }
  }

  static void delete(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
