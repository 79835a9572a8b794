package io.ssegateway.storage.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ssegateway.redis.client.testing.RedisProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes in two processes on one Redis, and kill -9 for one of them. */
class KilledNodeIT {
  private static final int CLIENTS = 8;
  private static final int MESSAGES = 3_000;

  @TempDir Path directory;

  /** What a client has heard, wherever it was. */
  private static final class Client {
    final List<String> data = new ArrayList<>();
    String lastId = "null";
    Node node;
    String visit = "";
    int visits;
    int gaps;
  }

  private final Map<String, Client> clients = new ConcurrentHashMap<>();
  private final List<String> acknowledged = new CopyOnWriteArrayList<>();
  private final List<String> refused = new CopyOnWriteArrayList<>();

  /** A node's process, and the thread that reads what it says. */
  private final class Node implements AutoCloseable {
    final Process process;
    final PrintStream in;
    final Thread reader;
    volatile boolean ready;

    Node(String redisUri) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
        if (argument.startsWith("--add-") || argument.startsWith("--enable-")) {
          command.add(argument);
        }
      }
      command.addAll(
          List.of(
              "-Xmx256m",
              "-XX:TieredStopAtLevel=1",
              "-cp",
              System.getProperty("java.class.path"),
              NodeMain.class.getName(),
              redisUri));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
      reader = new Thread(this::read);
      reader.start();
    }

    private void read() {
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        String line;
        while ((line = out.readLine()) != null) {
          if (line.endsWith(" .")) {
            heard(line); // else of the log, or cut off by the kill
          }
        }
      } catch (IOException e) {
        // killed
      }
    }

    private void heard(String line) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "READY" -> ready = true;
        case "EVENT" -> {
          Client client = clientOf(words[1]);
          synchronized (client) {
            if (words[1].equals(client.visit)) {
              client.data.add(words[3]);
              client.lastId = words[2];
            }
          }
        }
        case "GAP" -> clientOf(words[1]).gaps++;
        case "ACK" -> acknowledged.add(words[1]);
        case "REFUSED" -> refused.add(words[1]);
        default -> throw new IllegalStateException(line);
      }
    }

    private Client clientOf(String visit) {
      return clients.get(visit.substring(0, visit.indexOf('/')));
    }

    void join(String name) {
      Client client = clients.get(name);
      synchronized (client) {
        client.node = this;
        client.visit = name + '/' + ++client.visits;
        in.println("JOIN " + client.visit + ' ' + client.lastId);
      }
    }

    void leave(String name) {
      Client client = clients.get(name);
      synchronized (client) {
        in.println("LEAVE " + client.visit);
        client.visit = ""; // what was on its way is not heard
      }
    }

    void kill() throws InterruptedException {
      process.destroyForcibly();
      process.waitFor(10, TimeUnit.SECONDS);
      reader.join(10_000);
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  @Test
  void everyClientHearsEveryEventOnceAndInOrderThoughANodeIsKilled() throws Exception {
    try (RedisProcess redis = RedisProcess.start(directory);
        Node first = new Node(redis.uri());
        Node second = new Node(redis.uri())) {
      await().atMost(Duration.ofSeconds(30)).until(() -> first.ready && second.ready);
      for (int i = 0; i < CLIENTS; i++) {
        clients.put("c" + i, new Client());
        (i % 2 == 0 ? first : second).join("c" + i);
      }
      first.in.println("PUBLISH start 0 1");
      await().until(() -> clients.values().stream().allMatch(c -> size(c) == 1));

      first.in.println("PUBLISH f 0 " + MESSAGES);
      second.in.println("PUBLISH s 0 " + MESSAGES);
      await().until(() -> size(clients.get("c1")) > 100);
      second.leave("c1"); // goes over while both publish
      first.join("c1");
      await().until(() -> size(clients.get("c0")) > MESSAGES / 4);
      first.kill();
      for (int i = 0; i < CLIENTS; i++) {
        String name = "c" + i;
        if (clients.get(name).node == first) {
          second.join(name);
        }
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> acknowledged.contains("s" + (MESSAGES - 1)));
      second.in.println("PUBLISH end 0 1");

      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> clients.values().stream().allMatch(c -> lastOf(c).equals("end0")));
      List<String> expected = clients.get("c0").data;
      assertThat(expected).doesNotHaveDuplicates();
      Set<String> all = new HashSet<>(expected);
      assertThat(all).containsAll(acknowledged);
      assertThat(refused).isEmpty();
      assertInOrder(expected, "f");
      assertInOrder(expected, "s");
      for (int i = 0; i < CLIENTS; i++) {
        Client client = clients.get("c" + i);
        assertThat(client.gaps).as("gaps of c%d", i).isZero();
        assertSame("c" + i, client.data, expected);
      }
    }
  }

  /** Says where two long lists differ. */
  private static void assertSame(String name, List<String> data, List<String> expected) {
    int i = 0;
    while (i < Math.min(data.size(), expected.size()) && data.get(i).equals(expected.get(i))) {
      i++;
    }
    int from = Math.max(0, i - 2);
    assertThat(data.subList(from, Math.min(data.size(), i + 5)))
        .as("%s from event %d on, %d of %d events", name, from, data.size(), expected.size())
        .isEqualTo(expected.subList(from, Math.min(expected.size(), i + 5)));
  }

  private static void assertInOrder(List<String> data, String prefix) {
    List<Integer> numbers =
        data.stream()
            .filter(d -> d.startsWith(prefix))
            .filter(d -> Character.isDigit(d.charAt(1)))
            .map(d -> Integer.parseInt(d.substring(1)))
            .toList();
    assertThat(numbers).isSorted().isNotEmpty();
    assertThat(numbers.get(numbers.size() - 1)).isEqualTo(numbers.size() - 1);
  }

  private static int size(Client client) {
    synchronized (client) {
      return client.data.size();
    }
  }

  private static String lastOf(Client client) {
    synchronized (client) {
      return client.data.isEmpty() ? "" : client.data.get(client.data.size() - 1);
    }
  }
}
