package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway behind the proxies of {@code deploy/proxy}, as they are configured there. */
class ProxyIT {
  private static final Path SNIPPETS = Path.of("..", "deploy", "proxy");
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path directory;

  /** A proxy that runs until it is closed. */
  private record Proxy(Process process, int port) implements AutoCloseable {
    String url(String path) {
      return "http://127.0.0.1:" + port + path;
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().onExit().join();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static String snippet(String name, String listen, int port, GatewayProcess gateway)
      throws IOException {
    String text = Files.readString(SNIPPETS.resolve(name));
    assertThat(text).contains(listen).contains("127.0.0.1:8080");
    return text.replace(listen, listen.replaceFirst("(127\\.0\\.0\\.1:)?8000", "127.0.0.1:" + port))
        .replace("127.0.0.1:8080", "127.0.0.1:" + gateway.port());
  }

  private Proxy start(int port, String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("proxy.log").toFile())
            .start();
    Proxy proxy = new Proxy(process, port);
    await()
        .atMost(LIMIT)
        .failFast("the proxy ended; see proxy.log", () -> !process.isAlive())
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> Requests.get(proxy.url("/ready")).statusCode() == 200);
    return proxy;
  }

  private Proxy nginx(GatewayProcess gateway) throws Exception {
    String nginx = OptionalProgram.find("nginx");
    int port = freePort();
    Files.writeString(
        directory.resolve("gateway.conf"), snippet("nginx.conf", "listen 8000", port, gateway));
    String temporary = "";
    for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
      temporary += kind + "_temp_path " + directory.resolve(kind) + ";\n";
    }
    Path conf =
        Files.writeString(
            directory.resolve("nginx.conf"),
            "daemon off;\nmaster_process off;\npid "
                + directory.resolve("nginx.pid")
                + ";\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n"
                + temporary
                + "include "
                + directory.resolve("gateway.conf")
                + ";\n}\n");
    return start(port, nginx, "-e", "stderr", "-c", conf.toString());
  }

  private Proxy haproxy(GatewayProcess gateway) throws Exception {
    String haproxy = OptionalProgram.find("haproxy");
    int port = freePort();
    Path conf =
        Files.writeString(
            directory.resolve("haproxy.cfg"),
            snippet("haproxy.cfg", "bind 127.0.0.1:8000", port, gateway));
    return start(port, haproxy, "-db", "-f", conf.toString());
  }

  private static GatewayProcess gateway() throws IOException {
    return GatewayProcess.start(
        "--port=0", "--journal=memory", "--drain=500ms", "--trusted-proxies=127.0.0.1");
  }

  @Test
  void nginxHandsOnWhatComesAndLosesNothing() throws Exception {
    try (GatewayProcess gateway = gateway();
        Proxy proxy = nginx(gateway)) {
      streamsComeUnbufferedAndEndInOrder(gateway, proxy);
    }
  }

  @Test
  void haproxyHandsOnWhatComesAndLosesNothing() throws Exception {
    try (GatewayProcess gateway = gateway();
        Proxy proxy = haproxy(gateway)) {
      streamsComeUnbufferedAndEndInOrder(gateway, proxy);
    }
  }

  private static void publish(GatewayProcess gateway, String data) throws Exception {
    HttpResponse<String> answer =
        Requests.post(gateway.url("/api/send"), "{\"channel_id\":\"a\",\"data\":\"" + data + "\"}");
    assertThat(answer.body()).contains("\"success\":true");
  }

  private static void streamsComeUnbufferedAndEndInOrder(GatewayProcess gateway, Proxy proxy)
      throws Exception {
    String url = proxy.url("/sse/connect?channel_id=a");
    String last;
    try (SseStream stream = SseStream.open(url, "")) {
      for (String data : List.of("one", "two", "three")) {
        publish(gateway, data);
        await().atMost(LIMIT).until(() -> stream.data().contains(data)); // before the next is sent
      }
      last = stream.lastEventId();
    }
    publish(gateway, "missed");

    HttpResponse<String> stranger = Requests.post(proxy.url("/api/send"), "{\"data\":\"x\"}");
    assertThat(stranger.statusCode())
        .as("who comes through the proxy is not this machine itself")
        .isEqualTo(403);

    try (SseStream stream = SseStream.open(url, last)) {
      await().atMost(LIMIT).until(() -> stream.data().equals(List.of("missed")));
      int retryMs = stream.retryMs();
      gateway.terminate();

      assertThat(stream.awaitEnd(LIMIT.toMillis())).isTrue();
      assertThat(stream.retryMs()).as("told anew at the end").isNotEqualTo(retryMs);
      assertThat(gateway.exitCode()).isZero();
    }
  }
}
