package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up under the executable, and gets room again. */
class DiskFullIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Pattern UNAVAILABLE = Pattern.compile("\"journal_unavailable\":([0-9]+)");
  private static final String PADDING = "x".repeat(32 * 1024);

  @TempDir Path directory;
  private Path disk;
  private boolean mounted;

  @BeforeEach
  void mount() throws IOException, InterruptedException {
    disk = Files.createDirectory(directory.resolve("disk"));
    mounted = run("mount", "-t", "tmpfs", "-o", "size=48m", "none", disk.toString());
    if ("true".equals(System.getenv("SSE_GATEWAY_REQUIRE_OPTIONAL"))) {
      assertThat(mounted).as("mounting a tmpfs, which needs root").isTrue();
    }
    assumeTrue(mounted, "mounting a tmpfs needs root");
  }

  @AfterEach
  void unmount() throws IOException, InterruptedException {
    if (mounted) {
      assertThat(run("umount", "-l", disk.toString())).isTrue();
    }
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false; // there is no such program here
    }
  }

  private GatewayProcess start() throws IOException {
    return GatewayProcess.start(
        "--port=0", "--data-dir=" + disk.resolve("data"), "--journal-min-free=8MiB");
  }

  private static HttpResponse<String> publish(GatewayProcess gateway, String data)
      throws IOException, InterruptedException {
    return Requests.post(
        gateway.url("/api/send"), "{\"channel_id\":\"a\",\"data\":\"" + data + "\"}");
  }

  private static long refusals(GatewayProcess gateway) throws IOException, InterruptedException {
    Matcher matcher = UNAVAILABLE.matcher(Requests.get(gateway.url("/api/stats")).body());
    assertThat(matcher.find()).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  @Test
  void publishersAreRefusedInTimeAndTakenAgainByItselfAndNothingAcknowledgedIsLost()
      throws Exception {
    Path filler = Files.write(disk.resolve("filler"), new byte[24 * 1024 * 1024]);
    List<String> acknowledged = new ArrayList<>();
    String beginning;
    try (GatewayProcess gateway = start()) {
      try (SseStream stream = SseStream.open(gateway.url("/sse/connect?channel_id=a"), "")) {
        await().atMost(LIMIT).until(() -> !stream.lastEventId().isEmpty());
        beginning = stream.lastEventId();
      }
      HttpResponse<String> answer = publish(gateway, "0 " + PADDING);
      while (answer.statusCode() == 200) {
        acknowledged.add(acknowledged.size() + " " + PADDING);
        assertThat(acknowledged).as("the disk is that large").hasSizeLessThan(1000);
        answer = publish(gateway, acknowledged.size() + " " + PADDING);
      }
      assertThat(acknowledged).hasSizeGreaterThan(100);
      assertRefused(answer);
      assertThat(Files.getFileStore(disk).getUsableSpace()).isGreaterThan(4 << 20);

      HttpResponse<String> ready = Requests.get(gateway.url("/ready"));
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body()).contains("journal chronicle: disk nearly full");
      assertThat(Requests.get(gateway.url("/health")).statusCode()).isEqualTo(200);
      long before = refusals(gateway);
      for (int i = 0; i < 5; i++) {
        assertRefused(publish(gateway, "refused"));
      }
      assertThat(refusals(gateway)).isEqualTo(before + 5);
      try (SseStream stream = SseStream.open(gateway.url("/sse/connect?channel_id=a"), beginning)) {
        await().atMost(LIMIT).until(() -> stream.events().size() == acknowledged.size());
      }

      Files.delete(filler);
      await().atMost(LIMIT).until(() -> Requests.get(gateway.url("/ready")).statusCode() == 200);
      assertThat(publish(gateway, "after").statusCode()).isEqualTo(200);
      acknowledged.add("after");
      gateway.kill();
    }

    try (GatewayProcess gateway = start();
        SseStream stream = SseStream.open(gateway.url("/sse/connect?channel_id=a"), beginning)) {
      await().atMost(LIMIT).until(() -> stream.data().contains("after"));
      assertThat(stream.data()).isEqualTo(acknowledged);
      assertThat(stream.events()).allMatch(event -> event.type().equals("message"));
    }
  }

  private static void assertRefused(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(507);
    assertThat(Requests.contentType(answer)).isEqualTo("application/problem+json");
    assertThat(answer.body()).contains("disk nearly full");
  }
}
