package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ssegateway.redis.client.testing.RedisProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two gateways on one Redis are one to their clients, though one of them is killed.
 *
 * <p>{@code -Dssegateway.seed=1} for the same again.
 */
class RedisNodesIT {
  private static final long SEED = Long.getLong("ssegateway.seed", System.nanoTime());
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long PACE_NS = 4_000_000;
  private static final int EVENTS_A_STEP = 50;
  private static final String LAST = "last";

  @TempDir Path directory;

  private RedisProcess redis;
  private final GatewayProcess[] nodes = new GatewayProcess[2];
  private final int[] ports = new int[2];
  private volatile boolean finished;

  /** What was published for sure, by the publisher's name; its numbers in order. */
  private final Map<String, List<Integer>> published = new LinkedHashMap<>();

  /** What a publisher publishes to; null is everyone. */
  private static final Map<String, String> CHANNELS = new HashMap<>();

  static {
    CHANNELS.put("redis-with-id", "a");
    CHANNELS.put("redis-without-id", "b");
    CHANNELS.put("redis-plain-text", null);
    CHANNELS.put("http-a", "a");
    CHANNELS.put("http-b", "b");
  }

  private interface Publisher {
    /** Publishes; false if it is not known to have been taken. */
    boolean publish(String channel, String data) throws IOException, InterruptedException;
  }

  private void start(int node) throws IOException {
    nodes[node] =
        GatewayProcess.start(
            "--port=" + ports[node],
            "--journal=redis",
            "--redis-uri=" + redis.uri(),
            "--redis-pubsub=patterns",
            "--retry=50ms");
  }

  private void awaitReady(int node) {
    ports[node] = nodes[node].port();
    await().atMost(LIMIT).until(() -> Requests.get(url(node, "/ready")).statusCode() == 200);
  }

  private String url(int node, String path) {
    return "http://127.0.0.1:" + ports[node] + path;
  }

  @Test
  void everyClientSeesEveryEventOnceAndInOrderThoughItHopsAndANodeIsKilled() throws Exception {
    System.out.println("RedisNodesIT: seed " + SEED);
    Random random = new Random(SEED);
    List<ReturningClient> clients = new ArrayList<>();
    List<Thread> publishers = new ArrayList<>();
    AtomicInteger hops = new AtomicInteger();
    redis = RedisProcess.start(directory);
    try (RedisConnection withId = new RedisConnection(redis.port());
        RedisConnection withoutId = new RedisConnection(redis.port());
        RedisConnection plain = new RedisConnection(redis.port())) {
      start(0);
      start(1);
      awaitReady(0);
      awaitReady(1);
      String beginning = startingId();
      List<List<String>> subscriptions =
          List.of(List.of("a", "b"), List.of("a", "b"), List.of("a"), List.of("a"), List.of("b"));
      for (List<String> channels : subscriptions) {
        clients.add(hopping(channels, beginning, new Random(random.nextLong()), hops));
      }

      publishers.add(
          publisher(
              "redis-with-id",
              (channel, data) ->
                  withId.publish(
                          "sse:" + channel, "{\"id\":\"" + data + "\",\"data\":\"" + data + "\"}")
                      > 0));
      publishers.add(
          publisher(
              "redis-without-id",
              (channel, data) ->
                  withoutId.publish("sse:" + channel, "{\"data\":\"" + data + "\"}") > 0));
      publishers.add(
          publisher(
              "redis-plain-text", (channel, data) -> plain.publish("sse:broadcast", data) > 0));
      for (String name : List.of("http-a", "http-b")) {
        AtomicInteger turn = new AtomicInteger();
        publishers.add(
            publisher(
                name, (channel, data) -> send(turn.getAndIncrement() % 2, channel, data) == 200));
      }
      awaitMore();
      nodes[0].kill();
      awaitMore(); // the other goes on alone
      start(0);
      awaitReady(0);
      awaitMore();
      finished = true;
      for (Thread publisher : publishers) {
        publisher.join();
      }
      assertThat(send(0, null, LAST)).isEqualTo(200);
      for (ReturningClient client : clients) {
        await()
            .atMost(LIMIT)
            .until(() -> client.events().stream().anyMatch(e -> e.data().equals(LAST)));
      }

      List<String> everything = check(clients.get(0), subscriptions.get(0));
      for (int i = 1; i < clients.size(); i++) {
        List<String> channels = subscriptions.get(i);
        assertThat(check(clients.get(i), channels))
            .as("seed %s: client %s sees the one order", SEED, i)
            .isEqualTo(everything.stream().filter(data -> isFor(channels, data)).toList());
      }
      System.out.println(
          "RedisNodesIT: " + everything.size() + " events, " + hops + " streams were opened");
    } finally {
      finished = true;
      clients.forEach(ReturningClient::close);
      close();
    }
  }

  private void close() {
    for (GatewayProcess node : nodes) {
      if (node != null) {
        node.close();
      }
    }
    redis.close();
  }

  /** A client that goes to the other node after a moment, and after each failure. */
  private ReturningClient hopping(
      List<String> channels, String beginning, Random random, AtomicInteger hops) {
    String query = "/sse/connect?channel_id=" + String.join("&channel_id=", channels);
    AtomicInteger turn = new AtomicInteger(random.nextInt(2));
    return new ReturningClient(
        () -> {
          hops.incrementAndGet();
          return url(turn.getAndIncrement() % 2, query);
        },
        beginning,
        () -> 50 + random.nextInt(400));
  }

  /** A stream's first id, before anything was published. */
  private String startingId() throws Exception {
    try (SseStream stream = SseStream.open(url(0, "/sse/connect?channel_id=a"), "")) {
      await().until(() -> !stream.lastEventId().isEmpty());
      return stream.lastEventId();
    }
  }

  private Thread publisher(String name, Publisher publisher) {
    List<Integer> numbers = new CopyOnWriteArrayList<>();
    published.put(name, numbers);
    Thread thread =
        new Thread(
            () -> {
              for (int i = 1; !finished; i++) {
                try {
                  if (publisher.publish(CHANNELS.get(name), name + ':' + i)) {
                    numbers.add(i);
                  }
                } catch (IOException e) {
                  // that node is down: nobody knows whether it was journalled
                } catch (InterruptedException e) {
                  return;
                }
                LockSupport.parkNanos(PACE_NS);
              }
            },
            name);
    thread.start();
    return thread;
  }

  private int send(int node, String channel, String data) throws IOException, InterruptedException {
    String to = channel == null ? "" : "\"channel_id\":\"" + channel + "\",";
    return Requests.post(url(node, "/api/send"), "{" + to + "\"data\":\"" + data + "\"}")
        .statusCode();
  }

  /** Waits until every publisher has published some more. */
  private void awaitMore() {
    Map<String, Integer> before = new HashMap<>();
    published.forEach((name, numbers) -> before.put(name, numbers.size()));
    await()
        .atMost(LIMIT)
        .until(
            () ->
                published.entrySet().stream()
                    .allMatch(e -> e.getValue().size() >= before.get(e.getKey()) + EVENTS_A_STEP));
  }

  private static boolean isFor(List<String> channels, String data) {
    String channel = CHANNELS.get(name(data));
    return channel == null || channels.contains(channel);
  }

  private static String name(String data) {
    return data.substring(0, data.indexOf(':'));
  }

  /**
   * Only messages, each once, each publisher's in order, and all that were published for sure.
   *
   * @return the data, in the order seen
   */
  private List<String> check(ReturningClient client, List<String> channels) {
    List<String> seen = new ArrayList<>();
    Map<String, Integer> newest = new HashMap<>();
    for (SseStream.Event event : client.events()) {
      assertThat(event.type()).as("seed %s: %s", SEED, event).isEqualTo("message");
      if (event.data().equals(LAST)) {
        continue;
      }
      String name = name(event.data());
      int number = Integer.parseInt(event.data().substring(name.length() + 1));
      assertThat(isFor(channels, event.data())).as("seed %s: %s", SEED, event).isTrue();
      assertThat(newest.getOrDefault(name, 0))
          .as("seed %s: %s comes behind", SEED, event)
          .isLessThan(number);
      newest.put(name, number);
      seen.add(event.data());
    }
    Set<String> missing = new LinkedHashSet<>();
    published.forEach(
        (name, numbers) ->
            numbers.stream()
                .map(number -> name + ':' + number)
                .filter(data -> isFor(channels, data))
                .forEach(missing::add));
    seen.forEach(missing::remove);
    assertThat(missing).as("seed %s: not seen", SEED).isEmpty();
    return seen;
  }

  @Test
  void whatIsPublishedInRedisArrivesAndReadinessFollowsRedis() throws Exception {
    redis = RedisProcess.start(directory);
    try {
      start(0);
      awaitReady(0);
      try (SseStream user = SseStream.open(url(0, "/sse/connect?channel_id=user123"), "");
          SseStream other = SseStream.open(url(0, "/sse/connect?channel_id=other"), "")) {
        try (RedisConnection connection = new RedisConnection(redis.port())) {
          connection.publish(
              "sse:user123", "{\"event_type\":\"notification\",\"data\":{\"msg\":\"Hello!\"}}");
          connection.publish("sse:broadcast", "{\"data\":\"to everyone\"}");
          connection.publish("sse:user123", "plain text");
          connection.publish("sse:other", "to the other");
        }
        await().atMost(LIMIT).until(() -> user.events().size() == 3 && other.events().size() == 2);
        assertThat(user.data())
            .containsExactly("{\"msg\":\"Hello!\"}", "to everyone", "plain text");
        assertThat(user.events().stream().map(SseStream.Event::type))
            .containsExactly("notification", "message", "message");
        assertThat(other.data()).containsExactly("to everyone", "to the other");
        assertThat(Requests.get(url(0, "/api/stats")).body())
            .contains("\"name\":\"redis\",\"up\":true,\"detail\":\"\",\"received\":4,");

        redis.kill();
        await().atMost(LIMIT).until(() -> Requests.get(url(0, "/ready")).statusCode() == 503);
        await()
            .atMost(LIMIT)
            .untilAsserted(
                () ->
                    assertThat(Requests.get(url(0, "/ready")).body())
                        .contains("journal redis: ")
                        .contains("source redis: "));
        assertThat(Requests.get(url(0, "/health")).statusCode()).isEqualTo(200);
        assertThat(Requests.get(url(0, "/api/stats")).body())
            .contains("\"name\":\"redis\",\"up\":false,");
        HttpResponse<String> refused =
            Requests.post(url(0, "/api/send"), "{\"channel_id\":\"user123\",\"data\":\"lost\"}");
        assertThat(refused.statusCode()).as(refused.body()).isIn(503, 507);

        redis.startAgain();
        awaitReady(0);
        try (RedisConnection connection = new RedisConnection(redis.port())) {
          assertThat(connection.publish("sse:user123", "again")).isEqualTo(1);
        }
        await().atMost(LIMIT).until(() -> user.data().contains("again"));
        assertThat(user.data()).hasSize(4);
        assertThat(user.hasEnded()).isFalse();
      }
    } finally {
      close();
    }
  }
}
