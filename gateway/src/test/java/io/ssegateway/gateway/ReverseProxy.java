package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A proxy in front of a gateway, configured by what {@code deploy/proxy} has for it. Runs until it
 * is closed; its output is in {@code proxy.log} of its directory. Where the program is not
 * installed the test is skipped.
 */
final class ReverseProxy implements AutoCloseable {
  private static final Path SNIPPETS = Path.of("..", "deploy", "proxy");
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Path directory;
  private final int port;
  private final List<String> command;
  private @Nullable Process process;

  private ReverseProxy(Path directory, int port, List<String> command) {
    this.directory = directory;
    this.port = port;
    this.command = command;
  }

  /** Starts nginx and waits until it hands on to the gateway. */
  static ReverseProxy nginx(Path directory, int gatewayPort) throws IOException {
    String nginx = OptionalProgram.find("nginx");
    int port = freePort();
    Path snippet =
        Files.writeString(
            directory.resolve("gateway.conf"),
            snippet("nginx.conf", "listen 8000", port, gatewayPort));
    StringBuilder temporary = new StringBuilder();
    for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
      temporary.append(kind + "_temp_path " + directory.resolve(kind) + ";\n");
    }
    Path conf =
        Files.writeString(
            directory.resolve("nginx.conf"),
            "daemon off;\nmaster_process off;\npid "
                + directory.resolve("nginx.pid")
                + ";\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n"
                + temporary
                + "include "
                + snippet
                + ";\n}\n");
    return started(directory, port, nginx, "-e", "stderr", "-c", conf.toString());
  }

  /** Starts HAProxy and waits until it hands on to the gateway. */
  static ReverseProxy haproxy(Path directory, int gatewayPort) throws IOException {
    String haproxy = OptionalProgram.find("haproxy");
    int port = freePort();
    Path conf =
        Files.writeString(
            directory.resolve("haproxy.cfg"),
            snippet("haproxy.cfg", "bind 127.0.0.1:8000", port, gatewayPort));
    return started(directory, port, haproxy, "-db", "-f", conf.toString());
  }

  /** Starts Caddy and waits until it hands on to the gateway. */
  static ReverseProxy caddy(Path directory, int gatewayPort) throws IOException {
    String caddy = OptionalProgram.find("caddy");
    int port = freePort();
    Path conf =
        Files.writeString(
            directory.resolve("Caddyfile"),
            "{\n\tadmin off\n}\n" + snippet("Caddyfile", ":8000", port, gatewayPort));
    return started(
        directory, port, caddy, "run", "--adapter", "caddyfile", "--config", conf.toString());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static String snippet(String name, String listen, int port, int gatewayPort)
      throws IOException {
    String text = Files.readString(SNIPPETS.resolve(name));
    assertThat(text).contains(listen).contains("127.0.0.1:8080");
    String here = (listen.startsWith(":") ? "http://" : "") + "127.0.0.1:" + port;
    return text.replace(listen, listen.replaceFirst("(127\\.0\\.0\\.1)?:?8000", here))
        .replace("127.0.0.1:8080", "127.0.0.1:" + gatewayPort);
  }

  private static ReverseProxy started(Path directory, int port, String... command)
      throws IOException {
    ReverseProxy proxy = new ReverseProxy(directory, port, List.of(command));
    proxy.start();
    return proxy;
  }

  /** Starts it anew after {@link #stop}, on the same port. */
  void start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve("proxy.log").toFile()));
    builder.environment().put("XDG_DATA_HOME", directory.toString());
    builder.environment().put("XDG_CONFIG_HOME", directory.toString());
    Process started = builder.start();
    process = started;
    await()
        .atMost(LIMIT)
        .failFast("the proxy ended; see proxy.log", () -> !started.isAlive())
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> Requests.get(url("/ready")).statusCode() == 200);
  }

  /** Ends it at once, and with it all connections. */
  void stop() {
    Process running = process;
    if (running != null) {
      running.descendants().forEach(ProcessHandle::destroyForcibly);
      running.destroyForcibly().onExit().join();
    }
  }

  /** The address of a path by way of the proxy. */
  String url(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  @Override
  public void close() {
    stop();
  }
}
