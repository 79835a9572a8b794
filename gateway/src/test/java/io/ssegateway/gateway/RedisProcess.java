package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real redis-server on a free port of the loopback, which a test may kill and start again. */
final class RedisProcess implements AutoCloseable {
  private static final long START_LIMIT_NS = TimeUnit.SECONDS.toNanos(20);

  private final Path directory;
  private final int port;
  private Process process;

  private RedisProcess(Path directory, int port) throws IOException {
    this.directory = directory;
    this.port = port;
    this.process = launch();
  }

  /** Starts a server that keeps what it has; skips the test where there is none to start. */
  static RedisProcess start(Path directory) throws IOException, InterruptedException {
    boolean there = isInstalled();
    if (!there && "true".equals(System.getenv("SSE_GATEWAY_REQUIRE_OPTIONAL"))) {
      fail("redis-server is not installed, and SSE_GATEWAY_REQUIRE_OPTIONAL=true");
    }
    assumeTrue(there, "redis-server is not installed");
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    RedisProcess redis = new RedisProcess(directory, port);
    redis.awaitAnswer();
    return redis;
  }

  private static boolean isInstalled() throws InterruptedException {
    try {
      return new ProcessBuilder("redis-server", "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private Process launch() throws IOException {
    List<String> command =
        List.of(
            "redis-server",
            "--bind",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--dir",
            directory.toString(),
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            "no",
            "--logfile",
            "redis.log");
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private void awaitAnswer() throws IOException {
    long deadline = System.nanoTime() + START_LIMIT_NS;
    while (System.nanoTime() < deadline && process.isAlive()) {
      try (Connection connection = connect()) {
        if (connection.call("PING").equals("+PONG")) {
          return;
        }
      } catch (IOException e) {
        Thread.onSpinWait(); // not yet
      }
    }
    Path log = directory.resolve("redis.log");
    throw new IllegalStateException(
        "redis-server did not start: " + (Files.exists(log) ? Files.readString(log) : "no log"));
  }

  void startAgain() throws IOException {
    process = launch();
    awaitAnswer();
  }

  String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** As kill -9. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  Connection connect() throws IOException {
    return new Connection(port);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** A connection that speaks the protocol of Redis as far as the tests need. */
  static final class Connection implements AutoCloseable {
    private final Socket socket;

    private Connection(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(10_000);
      socket.setTcpNoDelay(true);
    }

    /** Publishes, and answers how many listeners Redis had for it. */
    int publish(String channel, String payload) throws IOException {
      String answer = call("PUBLISH", channel, payload);
      if (!answer.startsWith(":")) {
        throw new IOException("PUBLISH " + channel + ": " + answer);
      }
      return Integer.parseInt(answer.substring(1));
    }

    /** Answers the first line of what Redis says. */
    String call(String... words) throws IOException {
      ByteArrayOutputStream command = new ByteArrayOutputStream();
      command.writeBytes(ascii("*" + words.length + "\r\n"));
      for (String word : words) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        command.writeBytes(ascii("$" + bytes.length + "\r\n"));
        command.writeBytes(bytes);
        command.writeBytes(ascii("\r\n"));
      }
      socket.getOutputStream().write(command.toByteArray());
      return readLine(socket.getInputStream());
    }

    private static String readLine(InputStream in) throws IOException {
      StringBuilder line = new StringBuilder();
      int c;
      while ((c = in.read()) != '\n') {
        if (c < 0) {
          throw new IOException("Redis ended the connection");
        }
        if (c != '\r') {
          line.append((char) c);
        }
      }
      return line.toString();
    }

    private static byte[] ascii(String text) {
      return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
