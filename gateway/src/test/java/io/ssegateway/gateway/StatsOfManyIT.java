package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The statistics of 10,000 connections on as many channels: every page of them, while the one event
 * loop goes on to serve others.
 */
class StatsOfManyIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MANY = 10_000;
  private static final int PAGE = 1_000;

  /** More than the 1000 rows of a page take. */
  private static final int MAX_PAGE_BYTES = 1 << 19;

  private static GatewayProcess gateway;
  private static RawStreams streams;

  @BeforeAll
  static void start() throws Exception {
    gateway = GatewayProcess.start("--port=0", "--journal=memory", "--drain=0s", "--event-loops=1");
    int port = gateway.port();
    streams = new RawStreams();
    for (int i = 0; i < MANY; i++) {
      streams.open(port, "room-" + i);
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> ask("/api/stats").get("connection_count").asInt() == MANY);
  }

  @AfterAll
  static void stop() throws IOException {
    streams.close();
    gateway.close();
  }

  private static JsonNode ask(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer = Requests.get(gateway.url(path));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body().length()).isLessThan(MAX_PAGE_BYTES);
    return JSON.readTree(answer.body());
  }

  /** The rows of all pages, each asked for by itself. */
  private static List<JsonNode> pages(String path, String rows)
      throws IOException, InterruptedException {
    List<JsonNode> all = new ArrayList<>();
    for (int offset = 0; offset < MANY; offset += PAGE) {
      JsonNode page = ask(path + "limit=" + PAGE + "&offset=" + offset);
      assertThat(page.get("matched").asInt()).isEqualTo(MANY);
      assertThat(page.get(rows)).hasSize(PAGE);
      page.get(rows).forEach(all::add);
    }
    return all;
  }

  @Test
  void allPagesTogetherHaveEachConnectionAndEachChannelOnce() throws Exception {
    Set<Long> connections = new HashSet<>();
    pages("/api/connections?", "connections")
        .forEach(row -> connections.add(row.get("connection_id").asLong()));
    Set<String> channels = new HashSet<>();
    pages("/api/channels?sort=name&", "channels")
        .forEach(row -> channels.add(row.get("channel_id").asText()));

    assertThat(connections).hasSize(MANY);
    assertThat(channels).hasSize(MANY);
  }

  @Test
  void filtersAndOrdersAreOfAllNotOfAPage() throws Exception {
    JsonNode found = ask("/api/connections?q=room-99&sort=newest&limit=5");
    assertThat(found.get("matched").asInt())
        .isEqualTo(111); // room-99, -990 to -999, -9900 to -9999
    assertThat(found.get("connections").get(0).get("channels").get(0).asText())
        .isEqualTo("room-9999");
    assertThat(ask("/api/channels?q=room-4321").get("channels")).hasSize(1);
    for (String tooMuch : List.of("limit=1001", "sort=newest&offset=9901", "limit=-1")) {
      assertThat(Requests.get(gateway.url("/api/connections?" + tooMuch)).statusCode())
          .isEqualTo(400);
    }
  }

  @Test
  void whileAllIsListedOthersAreServed() throws Exception {
    AtomicInteger answered = new AtomicInteger();
    List<Long> timesNs = new ArrayList<>();
    Thread other =
        new Thread(
            () -> {
              try {
                while (!Thread.currentThread().isInterrupted()) {
                  long begin = System.nanoTime();
                  if (Requests.get(gateway.url("/health")).statusCode() == 200) {
                    answered.incrementAndGet();
                  }
                  timesNs.add(System.nanoTime() - begin);
                }
              } catch (IOException | InterruptedException e) {
                // the end of the test
              }
            });
    other.start();
    int asked = 0;
    long begin = System.nanoTime();
    for (String sort : List.of("place", "newest", "oldest", "pending", "behind")) {
      for (int i = 0; i < 10; i++) {
        ask("/api/connections?limit=1000&sort=" + sort);
        ask("/api/channels?limit=1000");
        asked += 2;
      }
    }
    long tookMs = (System.nanoTime() - begin) / 1_000_000;
    other.interrupt();
    other.join();

    timesNs.sort(null);
    System.out.printf(
        "%d lists of 1000 of %d rows in %d ms; meanwhile %d others, p99 %.1f ms%n",
        asked, MANY, tookMs, answered.get(), timesNs.get(timesNs.size() * 99 / 100) / 1e6);
    assertThat(answered.get()).as("requests answered beside the lists").isGreaterThan(asked);
  }
}
