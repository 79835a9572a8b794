package io.ssegateway.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code --demo} publishes and shows. */
class DemoIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Pattern NUMBER = Pattern.compile("\"n\":([0-9]+)");
  private static final Pattern LINK = Pattern.compile("(?:src|href)=\"([^\"]+)\"");

  @TempDir Path directory;

  private static List<Integer> numbers(SseStream stream) {
    return stream.events().stream()
        .filter(event -> event.type().equals("price"))
        .map(event -> NUMBER.matcher(event.data()).results().findFirst().orElseThrow().group(1))
        .map(Integer::valueOf)
        .toList();
  }

  @Test
  void thePageIsOpenedOnADesktop() throws Exception {
    Path opened = directory.resolve("opened");
    Path xdgOpen =
        Files.writeString(
            directory.resolve("xdg-open"), "#!/bin/sh\necho \"$1\" > " + opened + "\n");
    assertThat(xdgOpen.toFile().setExecutable(true)).isTrue();
    Map<String, String> desktop =
        Map.of("PATH", directory + ":" + System.getenv("PATH"), "DISPLAY", ":0");

    try (GatewayProcess gateway =
        GatewayProcess.start(
            GatewayProcess.java(), ClassArchive.options(), desktop, "--port=0", "--demo")) {
      String page = gateway.url("/demo");
      await()
          .atMost(LIMIT)
          .until(() -> Files.exists(opened) && Files.readString(opened).equals(page + "\n"));
      await()
          .atMost(LIMIT)
          .until(() -> String.join("\n", gateway.output()).contains("opening " + page));
    }
  }

  @Test
  void samplesArePublishedWithoutAHoleAndThePageNeedsNothingFromElsewhere() throws Exception {
    Path data = directory.resolve("data");
    try (GatewayProcess gateway =
        GatewayProcess.start("--port=0", "--demo", "--data-dir=" + data)) {
      HttpResponse<String> page = Requests.get(gateway.url("/demo"));
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
          .contains("default-src 'none'")
          .doesNotContain("unsafe");
      assertThat(page.body())
          .doesNotContain("http:")
          .doesNotContain("https:")
          .doesNotContain("style=");
      List<String> files =
          LINK.matcher(page.body())
              .results()
              .map(match -> match.group(1))
              .filter(link -> !link.startsWith("data:"))
              .toList();
      assertThat(files).as("script, style and dashboard").hasSize(3);
      for (String file : files) {
        HttpResponse<String> answer = Requests.get(gateway.url(file));
        assertThat(answer.statusCode()).as(file).isEqualTo(200);
        assertThat(answer.body().getBytes(UTF_8)).hasSizeGreaterThan(500);
      }
      assertThat(Requests.get(gateway.url("/demo/other.js")).statusCode()).isEqualTo(404);

      String last;
      int before;
      try (SseStream stream =
          SseStream.open(gateway.url("/sse/connect?channel_id=demo.prices"), "")) {
        await().atMost(LIMIT).until(() -> stream.events().size() > 3);
        last = stream.lastEventId();
        before = numbers(stream).get(numbers(stream).size() - 1);
      }
      try (SseStream stream =
          SseStream.open(gateway.url("/sse/connect?channel_id=demo.prices"), last)) {
        await().atMost(LIMIT).until(() -> stream.events().size() > 5);
        List<Integer> numbers = numbers(stream);
        assertThat(numbers)
            .isEqualTo(
                IntStream.range(numbers.get(0), numbers.get(0) + numbers.size()).boxed().toList());
        assertThat(numbers.get(0)).isLessThanOrEqualTo(before + 1);
      }
      assertThat(String.join("\n", gateway.output())).contains("/demo in a browser");
    }
    assertThat(Files.exists(data)).as("the demo's journal is in memory").isFalse();
  }
}
