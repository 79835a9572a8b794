package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The gateway is killed again and again in the middle of the load, and started again on the same
 * journal. Every acknowledged event is seen once and in order by every client that comes back.
 *
 * <p>{@code -Dssegateway.kill.rounds=300 -Dssegateway.seed=1} for more rounds, or the same again.
 */
class KillIT {
  private static final int ROUNDS = Integer.getInteger("ssegateway.kill.rounds", 25);
  private static final long SEED = Long.getLong("ssegateway.seed", System.nanoTime());
  private static final String EVERYONE = "everyone";
  private static final List<String> CHANNELS = List.of("a", "b", EVERYONE);

  @TempDir Path directory;

  private final Map<String, List<Integer>> acknowledged = new HashMap<>();
  private volatile GatewayProcess gateway;
  private volatile boolean finished;
  private int port;

  @Test
  void everyAcknowledgedEventIsSeenOnceAndInOrderAcrossKills() throws Exception {
    System.out.println("KillIT: " + ROUNDS + " rounds, seed " + SEED);
    Random random = new Random(SEED);
    start();
    List<ReturningClient> clients = new ArrayList<>();
    List<Thread> publishers = new ArrayList<>();
    try {
      String beginning = startingId();
      for (String query :
          List.of("channel_id=a", "channel_id=b", "channel_id=a&channel_id=b", "channel_id=a")) {
        clients.add(new ReturningClient(() -> url("/sse/connect?" + query), beginning));
      }
      for (String channel : CHANNELS) {
        acknowledged.put(channel, new CopyOnWriteArrayList<>());
        Thread publisher = new Thread(() -> publish(channel), "publisher-" + channel);
        publisher.start();
        publishers.add(publisher);
      }
      for (int round = 0; round < ROUNDS; round++) {
        int before = acknowledgedCount();
        await().atMost(Duration.ofSeconds(20)).until(() -> acknowledgedCount() > before + 20);
        Thread.sleep(random.nextInt(200)); // the moment of the kill, not a wait for anything
        gateway.kill();
        start();
      }
      int before = acknowledgedCount();
      await().atMost(Duration.ofSeconds(20)).until(() -> acknowledgedCount() > before + 20);
      finished = true;
      for (Thread publisher : publishers) {
        publisher.join();
      }
      String last = "last";
      send("everyone", last);
      for (ReturningClient client : clients) {
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> client.events().stream().anyMatch(e -> e.data().equals(last)));
      }
      check(clients.get(0), List.of("a", EVERYONE));
      check(clients.get(1), List.of("b", EVERYONE));
      check(clients.get(2), CHANNELS);
      check(clients.get(3), List.of("a", EVERYONE));
      System.out.println("KillIT: " + acknowledgedCount() + " events acknowledged");
    } finally {
      finished = true;
      for (ReturningClient client : clients) {
        client.close();
      }
      gateway.close();
    }
  }

  private void start() throws IOException {
    gateway = GatewayProcess.start("--port=" + port, "--data-dir=" + directory, "--retry=50ms");
    port = gateway.port();
  }

  private String url(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  private int acknowledgedCount() {
    return acknowledged.values().stream().mapToInt(List::size).sum();
  }

  /** A stream's first id, before anything was published. */
  private String startingId() throws Exception {
    try (SseStream stream = SseStream.open(url("/sse/connect?channel_id=a"), "")) {
      await().until(() -> !stream.lastEventId().isEmpty());
      return stream.lastEventId();
    }
  }

  private void publish(String channel) {
    for (int i = 1; !finished; i++) {
      try {
        if (send(channel, channel + ":" + i)) {
          acknowledged.get(channel).add(i);
        }
      } catch (IOException e) {
        // killed: nobody knows whether it was journalled
        pause();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20); // down for the moment: do not spin
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final HttpClient http = HttpClient.newHttpClient();

  private boolean send(String channel, String data) throws IOException, InterruptedException {
    String to = channel.equals(EVERYONE) ? "" : "\"channel_id\":\"" + channel + "\",";
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url("/api/send")))
            .timeout(Duration.ofSeconds(10))
            .POST(HttpRequest.BodyPublishers.ofString("{" + to + "\"data\":\"" + data + "\"}"))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
  }

  /** Strictly growing numbers of each channel, and all that were acknowledged. */
  private void check(ReturningClient client, List<String> channels) {
    Map<String, TreeSet<Integer>> seen = new HashMap<>();
    channels.forEach(channel -> seen.put(channel, new TreeSet<>()));
    for (SseStream.Event event : client.events()) {
      assertThat(event.type()).as("seed %s: %s", SEED, event).isEqualTo("message");
      if (event.data().equals("last")) {
        continue;
      }
      String channel = event.data().substring(0, event.data().indexOf(':'));
      int number = Integer.parseInt(event.data().substring(channel.length() + 1));
      TreeSet<Integer> numbers = seen.get(channel);
      assertThat(numbers).as("seed %s: a channel that was not asked for", SEED).isNotNull();
      assertThat(numbers.isEmpty() ? 0 : numbers.last())
          .as("seed %s: %s comes behind", SEED, event)
          .isLessThan(number);
      numbers.add(number);
    }
    for (String channel : channels) {
      assertThat(seen.get(channel))
          .as("seed %s: events of %s", SEED, channel)
          .containsAll(acknowledged.get(channel));
    }
  }
}
