package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The data directory of the executable: who may use it, and what becomes of it when it is hurt. */
class JournalLockIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int PAGE_BYTES = 4096;
  private static final int EVENTS = 600;
  private static final String PADDING = "x".repeat(400);

  @TempDir Path directory;

  private GatewayProcess start() throws IOException {
    return GatewayProcess.start("--port=0", "--data-dir=" + directory);
  }

  private static String data(int number) {
    return "event " + number + " " + PADDING;
  }

  /** Publishes, and answers the id. */
  private static String publish(GatewayProcess gateway, String data) throws Exception {
    String answer =
        Requests.post(gateway.url("/api/send"), "{\"channel_id\":\"a\",\"data\":\"" + data + "\"}")
            .body();
    assertThat(answer).contains("\"success\":true");
    return answer.replaceFirst(".*\"id\":\"([^\"]+)\".*", "$1");
  }

  private static SseStream streamFrom(GatewayProcess gateway, String id) throws Exception {
    return SseStream.open(gateway.url("/sse/connect?channel_id=a"), id);
  }

  @Test
  void aSecondProcessIsRefusedAtOnceAndAKilledOneLeavesNoLockBehind() throws Exception {
    String id;
    try (GatewayProcess first = start()) {
      id = publish(first, "one");
      try (GatewayProcess second = start()) {
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(String.join("\n", second.output()))
            .contains("cannot start: journal directory " + directory)
            .contains("is in use by process " + first.pid())
            .doesNotContain("Exception");
      }
      publish(first, "two");
      first.kill();
    }
    try (GatewayProcess next = start();
        SseStream stream = streamFrom(next, id)) {
      await().atMost(LIMIT).until(() -> stream.data().equals(List.of("two")));
      publish(next, "three");
      await().atMost(LIMIT).until(() -> stream.data().equals(List.of("two", "three")));
      assertThat(stream.events()).allMatch(event -> event.type().equals("message"));
    }
  }

  @Test
  void damageIsToldAndWhatIsIntactStaysReadable() throws Exception {
    String firstId;
    try (GatewayProcess gateway = start()) {
      firstId = publish(gateway, data(0));
      String rest =
          IntStream.range(1, EVENTS)
              .mapToObj(i -> "{\"channel_id\":\"a\",\"data\":\"" + data(i) + "\"}")
              .collect(Collectors.joining("\n"));
      assertThat(Requests.post(gateway.url("/api/send"), rest).statusCode()).isEqualTo(200);
      gateway.kill();
    }
    zeroThePageOf("event " + EVENTS / 2 + " ");

    try (GatewayProcess gateway = start()) {
      try (SseStream stream = streamFrom(gateway, firstId)) {
        await().atMost(LIMIT).until(() -> stream.data().contains(data(EVENTS - 1)));
        assertThat(String.join("\n", gateway.output()))
            .contains("ERROR")
            .contains("is damaged")
            .contains("damaged-1");
        SseStream.Event gap = stream.events().get(0);
        assertThat(gap.type()).isEqualTo("gap");
        assertThat(gap.data())
            .contains("\"reason\":\"unknown_epoch\"")
            .contains("\"requested\":\"" + firstId + "\"");

        List<String> readable = new ArrayList<>(stream.data().subList(1, stream.data().size()));
        List<String> written = IntStream.range(0, EVENTS).mapToObj(JournalLockIT::data).toList();
        assertThat(written).containsSubsequence(readable);
        assertThat(readable).startsWith(data(0)).doesNotContain(data(EVENTS / 2));
        assertThat(EVENTS - readable.size()).isBetween(1, PAGE_BYTES / PADDING.length() + 1);

        publish(gateway, "after");
        await().atMost(LIMIT).until(() -> stream.data().contains("after"));
        assertThat(stream.lastEventId()).isNotEqualTo(firstId);
      }
    }
  }

  /** Zeroes the page that holds a text, in the file of the queue that has it. */
  private void zeroThePageOf(String text) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("queue"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".cq4")).toList()) {
        try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          ByteBuffer written = ByteBuffer.allocate(4 << 20);
          channel.read(written, 0);
          int at = new String(written.array(), StandardCharsets.ISO_8859_1).indexOf(text);
          if (at >= 0) {
            channel.write(ByteBuffer.allocate(PAGE_BYTES), (long) at / PAGE_BYTES * PAGE_BYTES);
            return;
          }
        }
      }
    }
    throw new IllegalStateException("no file has " + text);
  }
}
