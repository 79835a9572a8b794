package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The executable, from its first line to its exit code. */
class ExecutableIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private final HttpClient client = HttpClient.newHttpClient();

  /** The running JDK, and every other that is installed beside it and can run the jar. */
  static Stream<Path> javas() throws IOException {
    List<Path> javas = new ArrayList<>(List.of(GatewayProcess.java()));
    Path installed = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(installed)) {
      try (Stream<Path> homes = Files.list(installed)) {
        homes
            .filter(home -> !Files.isSymbolicLink(home) && isNewerJdk(home))
            .map(home -> home.resolve("bin/java"))
            .forEach(javas::add);
      }
    }
    return javas.stream();
  }

  private static boolean isNewerJdk(Path home) {
    try {
      return Files.isExecutable(home.resolve("bin/java"))
          && Files.readString(home.resolve("release"))
              .lines()
              .filter(line -> line.startsWith("JAVA_VERSION="))
              .anyMatch(line -> Integer.parseInt(line.replaceAll("[^0-9.]|\\..*", "")) > 17);
    } catch (IOException | NumberFormatException e) {
      return false;
    }
  }

  private int send(GatewayProcess gateway, String json) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(gateway.url("/api/send")))
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  @ParameterizedTest
  @MethodSource("javas")
  void runsWithoutFlagsAndWithoutWarningsAndDrainsAtSigterm(Path java) throws Exception {
    try (GatewayProcess gateway =
        GatewayProcess.start(java, Map.of("PORT", "0"), "--drain=300ms")) {
      try (SseStream stream = SseStream.open(gateway.url("/sse/connect?channel_id=news"), "")) {
        for (int i = 0; i < 100; i++) {
          assertThat(send(gateway, "{\"channel_id\":\"news\",\"data\":\"" + i + "\"}"))
              .isEqualTo(200);
        }
        gateway.terminate();

        assertThat(gateway.exitCode()).isZero();
        await().atMost(LIMIT).until(stream::hasEnded);
        assertThat(stream.data()).hasSize(100).startsWith("0").endsWith("99");
        assertThat(stream.retryMs()).isPositive();
      }
      assertThat(gateway.output())
          .anyMatch(
              line ->
                  line.contains("listens on http://127.0.0.1:" + gateway.port())
                      && line.contains("journal chronicle")
                      && line.contains("sources http"));
      assertThat(gateway.output()).noneMatch(line -> line.contains(" WARN ") || isUnexpected(line));
    }
  }

  /** A JDK from 24 on warns that a library uses {@code sun.misc.Unsafe}; of nothing else. */
  private static boolean isUnexpected(String line) {
    return line.startsWith("WARNING: ")
        && !line.contains("sun.misc.Unsafe")
        && !line.contains("consider reporting this to the maintainers of class net.openhft");
  }

  @Test
  void logsAsJsonByChoice() throws Exception {
    try (GatewayProcess gateway = GatewayProcess.start("--port=0", "--log-format=json")) {
      gateway.port();
      gateway.terminate();

      assertThat(gateway.exitCode()).isZero();
      assertThat(gateway.output()).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
      assertThat(gateway.output())
          .anyMatch(line -> line.contains("\"level\":\"INFO\"") && line.contains("listens on"));
    }
  }

  @Test
  void tellsOfFinishedRequestsInAFileByChoice(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("access.log");
    try (GatewayProcess gateway =
        GatewayProcess.start(
            "--port=0", "--drain=0s", "--log-format=json", "--access-log=" + file)) {
      try (SseStream stream = SseStream.open(gateway.url("/sse/connect?channel_id=news&x=y"), "")) {
        assertThat(send(gateway, "{\"channel_id\":\"news\",\"data\":\"hello\"}")).isEqualTo(200);
        await().atMost(LIMIT).until(() -> stream.data().contains("hello"));
        assertThat(Files.readString(file)).doesNotContain("/sse/connect");
        gateway.terminate();
        assertThat(gateway.exitCode()).isZero();
      }
      assertThat(Files.readAllLines(file))
          .satisfiesExactly(
              line ->
                  assertThat(line)
                      .contains("\"method\":\"POST\",\"path\":\"/api/send\",\"status\":200"),
              line ->
                  assertThat(line)
                      .contains("\"path\":\"/sse/connect\",\"status\":200")
                      .contains("\"close_reason\":\"drained\""));
    }
  }

  @Test
  void anAccessLogThatCannotBeWrittenStopsTheStart() throws Exception {
    try (GatewayProcess gateway =
        GatewayProcess.start("--port=0", "--access-log=/proc/no/such/file")) {
      assertThat(gateway.exitCode()).isEqualTo(2);
      assertThat(gateway.output())
          .anyMatch(line -> line.contains("access-log: cannot open \"/proc/no/such/file\""));
    }
  }

  @Test
  void listensOnOneAddressOfLoopbackUnlessToldOtherwise() throws Exception {
    try (GatewayProcess byDefault = GatewayProcess.start("--port=0");
        GatewayProcess everywhere = GatewayProcess.start("--port=0", "--host=0.0.0.0")) {
      assertThat(accepts("127.0.0.1", byDefault.port())).isTrue();
      assertThat(accepts("127.0.0.2", byDefault.port())).isFalse();
      assertThat(accepts("127.0.0.2", everywhere.port())).isTrue();
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  everywhere.output().stream()
                      .anyMatch(
                          line ->
                              line.contains(
                                  "this machine only, since no credentials are configured")));
    }
  }

  private static boolean accepts(String address, int port) {
    try (Socket socket = new Socket(address, port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void readyFailsWhileItDrains() throws Exception {
    try (GatewayProcess gateway = GatewayProcess.start("--port=0", "--drain=3s")) {
      assertThat(get(gateway, "/ready")).isEqualTo(200);
      List<SseStream> streams = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        streams.add(SseStream.open(gateway.url("/sse/connect?channel_id=a"), ""));
      }
      gateway.terminate();

      await().atMost(LIMIT).until(() -> get(gateway, "/ready") == 503);
      assertThat(get(gateway, "/health")).isEqualTo(200);
      assertThat(get(gateway, "/sse/connect?channel_id=a")).isEqualTo(503);
      assertThat(streams.stream().filter(SseStream::hasEnded).count()).isLessThan(20);
      assertThat(gateway.exitCode()).isZero();
      await().atMost(LIMIT).until(() -> streams.stream().allMatch(SseStream::hasEnded));
    }
  }

  private int get(GatewayProcess gateway, String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(gateway.url(path))).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
  }
}
