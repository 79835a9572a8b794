package io.ssegateway.storage.redis;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real redis-server on a free port of the loopback, which a test may kill and start again. */
final class RedisProcess implements AutoCloseable {
  private final Path directory;
  private final int port;
  private final List<String> extra;
  private Process process;

  private RedisProcess(Path directory, int port, List<String> extra) {
    this.directory = directory;
    this.port = port;
    this.extra = extra;
  }

  /** Starts a server that keeps what it has in an append-only file, written through. */
  static RedisProcess start(Path directory, String... extra) {
    return start(directory, freePort(), extra);
  }

  static RedisProcess start(Path directory, int port, String... extra) {
    requireRedis();
    RedisProcess redis = new RedisProcess(directory, port, List.of(extra));
    redis.startAgain();
    return redis;
  }

  /** Skips the test where there is no redis-server, unless that is not allowed. */
  static void requireRedis() {
    boolean there = version() != null;
    if (!there && "true".equals(System.getenv("SSE_GATEWAY_REQUIRE_OPTIONAL"))) {
      fail("redis-server is not installed, and SSE_GATEWAY_REQUIRE_OPTIONAL=true");
    }
    assumeTrue(there, "redis-server is not installed");
  }

  static String version() {
    try {
      Process p = new ProcessBuilder("redis-server", "--version").start();
      String text = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return p.waitFor() == 0 ? text : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  void startAgain() {
    List<String> command =
        new ArrayList<>(
            List.of(
                "redis-server",
                "--bind",
                "127.0.0.1",
                "--dir",
                directory.toString(),
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "no",
                "--logfile",
                "redis-" + port + ".log"));
    if (!extra.contains("--port")) {
      command.addAll(List.of("--port", Integer.toString(port)));
    }
    command.addAll(extra);
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    awaitPort();
  }

  private void awaitPort() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() < deadline) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
        if (extra.contains("--tls-port")) {
          return;
        }
        socket.setSoTimeout(500);
        socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] answer = socket.getInputStream().readNBytes(5);
        String text = new String(answer, StandardCharsets.US_ASCII);
        if (text.equals("+PONG") || text.equals("-NOAU")) {
          return;
        }
      } catch (IOException e) {
        if (!process.isAlive()) {
          break;
        }
        Thread.onSpinWait();
      }
    }
    throw new IllegalStateException("redis-server did not start: " + log());
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("redis-" + port + ".log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  int port() {
    return port;
  }

  String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** Stops the server where it is, so that it answers nothing, until {@link #goOn}. */
  void freeze() {
    signal("STOP");
  }

  void goOn() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As kill -9. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
