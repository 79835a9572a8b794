package io.ssegateway.gateway;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README's quick start works when it is pasted. */
class ReadmeIT {
  private static final Pattern MARKED =
      Pattern.compile("<!-- run -->\\n```bash\\n(.*?)```", Pattern.DOTALL);

  @Test
  void theQuickStartReachesTheListener() throws Exception {
    List<String> commands =
        MARKED
            .matcher(Files.readString(Path.of("..", "README.md")))
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(commands).hasSize(2);

    try (GatewayProcess gateway = GatewayProcess.start("--port=0");
        SseStream stream = SseStream.open(gateway.url("/sse/connect?channel_id=hello"), "")) {
      for (String command : commands) {
        String answer = run(command.replace("127.0.0.1:8080", "127.0.0.1:" + gateway.port()));
        assertThat(answer).contains("\"success\":true").contains("\"sent_count\":1");
      }

      await().atMost(Duration.ofSeconds(10)).until(() -> stream.events().size() == 3);
      assertThat(stream.data()).containsExactly("{\"text\":\"world\"}", "one", "to everyone");
      assertThat(stream.events().get(0).type()).isEqualTo("greeting");
    }
  }

  private static String run(String command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("bash", "-c", command).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, SECONDS)).isTrue();
    assertThat(process.exitValue()).as(command).isZero();
    return output;
  }
}
