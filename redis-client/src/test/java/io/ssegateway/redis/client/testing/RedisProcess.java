package io.ssegateway.redis.client.testing;

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

/**
 * A real redis-server on a free port of the loopback, which a test may kill and start again. It
 * keeps what it has in an append-only file, so that what was acknowledged survives a kill.
 */
public final class RedisProcess implements AutoCloseable {
  private final Path directory;
  private final int port;
  private final List<String> extra;
  private Process process;

  private RedisProcess(Path directory, int port, List<String> extra) {
    this.directory = directory;
    this.port = port;
    this.extra = extra;
  }

  /** Starts a server; skips the test where there is none to start. */
  public static RedisProcess start(Path directory, String... extra) {
    return start(directory, freePort(), extra);
  }

  /** Starts a server on a port; skips the test where there is none to start. */
  public static RedisProcess start(Path directory, int port, String... extra) {
    requireRedis();
    RedisProcess redis = new RedisProcess(directory, port, List.of(extra));
    redis.startAgain();
    return redis;
  }

  /** Starts a sentinel with a configuration file, which it will write to. */
  static RedisProcess startSentinel(Path directory, int port, Path configuration) {
    requireRedis();
    RedisProcess sentinel =
        new RedisProcess(directory, port, List.of(configuration.toString(), "--sentinel"));
    sentinel.launch(
        List.of("redis-server", configuration.toString(), "--sentinel", "--logfile", "redis.log"));
    return sentinel;
  }

  /** Skips the test where there is no redis-server, unless that is not allowed. */
  public static void requireRedis() {
    boolean there = isInstalled();
    if (!there && "true".equals(System.getenv("SSE_GATEWAY_REQUIRE_OPTIONAL"))) {
      fail("redis-server is not installed, and SSE_GATEWAY_REQUIRE_OPTIONAL=true");
    }
    assumeTrue(there, "redis-server is not installed");
  }

  private static boolean isInstalled() {
    try {
      return new ProcessBuilder("redis-server", "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A port of the loopback that is free now. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Starts it on the same port with the same data, after {@link #kill}. */
  public void startAgain() {
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
                "redis.log"));
    if (!extra.contains("--port")) {
      command.addAll(List.of("--port", Integer.toString(port)));
    }
    command.addAll(extra);
    launch(command);
  }

  private void launch(List<String> command) {
    try {
      process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
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
      return Files.readString(directory.resolve("redis.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  public int port() {
    return port;
  }

  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** As kill -9. */
  public void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Stops the server where it is, so that it answers nothing, until {@link #goOn}. */
  public void freeze() {
    signal("STOP");
  }

  /** Ends {@link #freeze}. */
  public void goOn() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
