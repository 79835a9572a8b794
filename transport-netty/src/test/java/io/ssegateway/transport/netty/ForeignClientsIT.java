package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.FaultEvent;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.StreamEvent;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.OptionalPrograms;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.Relay;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Clients that we did not write: the JDK's, okhttp-eventsource, and npm's eventsource. */
class ForeignClientsIT extends GatewayCase {
  private static final String MANY_LINES = "žluť\\nΩ\\r日本\\r\\n😀";
  private static final String MANY_LINES_READ = "žluť\nΩ\n日本\n😀";

  private String url(String query) {
    return "http://127.0.0.1:" + port + "/sse/connect?" + query;
  }

  private String publishTyped(String channel, String type, String data) throws IOException {
    return RawClient.publish(
            port,
            "{"
                + (channel == null ? "" : "\"channel_id\":\"" + channel + "\",")
                + "\"event_type\":\""
                + type
                + "\",\"data\":\""
                + data
                + "\"}")
        .field("id");
  }

  @Test
  void theClientOfTheJdkReadsAStreamLineByLine() throws Exception {
    start();
    HttpClient client = HttpClient.newHttpClient(); // asks for HTTP/2 by an upgrade
    String seen = publish("news", "seen");
    publish("news", "missed");

    HttpResponse<Stream<String>> response =
        client.send(
            HttpRequest.newBuilder(URI.create(url("channel_id=news")))
                .header("Last-Event-ID", seen)
                .build(),
            HttpResponse.BodyHandlers.ofLines());
    try (Stream<String> lines = response.body()) {
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
      Iterator<String> data = lines.filter(line -> line.startsWith("data: ")).iterator();
      assertThat(data.next()).isEqualTo("data: missed");
      publish("news", "live ✓");
      assertThat(data.next()).isEqualTo("data: live ✓");
    }
  }

  @Test
  void theClientOfTheJdkPublishesOnOneConnection() throws Exception {
    start();
    HttpClient client = HttpClient.newHttpClient();
    for (int i = 1; i <= 50; i++) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/send"))
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"channel_id\":\"news\",\"data\":" + i + "}"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).contains(gateway.engine().eventId(i));
    }
  }

  @Test
  void okhttpEventsourceHearsEventsGapsAndHeartbeatsAndResumes() throws Exception {
    start(o -> o, e -> e.retryMs(100).heartbeatMs(200), new MemoryJournal(64 * 1024, 0));
    try (EventSource source =
        new EventSource.Builder(URI.create(url("channel_id=a&channel_id=b&heartbeat=event")))
            .build()) {
      source.start();
      await("connected", () -> gateway.engine().subscribers().total() == 1);
      publishTyped("a", "tick", MANY_LINES);
      String last = publishTyped(null, "all", "to everyone");

      MessageEvent first = next(source);
      assertThat(first.getEventName()).isEqualTo("tick");
      assertThat(first.getData()).isEqualTo(MANY_LINES_READ);
      MessageEvent second = next(source);
      assertThat(second.getEventName()).isEqualTo("all");
      assertThat(second.getLastEventId()).isEqualTo(last);
      MessageEvent heartbeat = source.readMessage();
      while (!heartbeat.getEventName().equals("heartbeat")) {
        heartbeat = source.readMessage();
      }

      source.interrupt(); // it comes back by itself, with the id
      publish("b", "while away");
      assertThat(next(source).getData()).isEqualTo("while away");

      source.interrupt();
      await("away", () -> gateway.engine().subscribers().total() == 0);
      for (int i = 0; i < 200; i++) {
        publish("a", "x".repeat(1000));
      }
      MessageEvent gap = next(source);
      assertThat(gap.getEventName()).isEqualTo("gap");
      assertThat(gap.getData()).startsWith("{\"reason\":\"expired\"");
    }
  }

  private static MessageEvent next(EventSource source) throws Exception {
    while (true) {
      StreamEvent event = source.readAnyEvent();
      if (event instanceof MessageEvent message && !message.getEventName().equals("heartbeat")) {
        return message;
      }
      if (event instanceof FaultEvent) {
        source.start();
      }
    }
  }

  @Test
  void npmEventsourceHearsEventsAndGapsAndResumes() throws Exception {
    start(o -> o, e -> e.retryMs(100), new MemoryJournal(64 * 1024, 0));
    String stale = publish("news", "stale");
    for (int i = 0; i < 200; i++) {
      publish("news", "x".repeat(1000));
    }
    Path directory = installNodeModules();
    Relay relay = new Relay(port);
    Process node =
        new ProcessBuilder(
                "node",
                "listen.mjs",
                "http://127.0.0.1:"
                    + relay.port()
                    + "/sse/connect?channel_id=news&channel_id=b&last_event_id="
                    + stale,
                "gap",
                "tick",
                "end")
            .directory(directory.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> copyLines(node, lines), "node-output");
    reader.setDaemon(true);
    reader.start();
    try {
      assertThat(poll(lines)).isEqualTo("{\"type\":\"open\"}");
      assertThat(poll(lines)).contains("\"type\":\"gap\"", "expired");
      String tick = publishTyped("b", "tick", MANY_LINES);
      assertThat(poll(lines))
          .isEqualTo("{\"type\":\"tick\",\"data\":\"žluť\\nΩ\\n日本\\n😀\",\"id\":\"" + tick + "\"}");

      // the header of the reconnection must win over the id that is still in the URL
      relay.sever();
      String end = publishTyped("news", "end", "after");
      assertThat(poll(lines)).isEqualTo("{\"type\":\"open\"}");
      assertThat(poll(lines))
          .isEqualTo("{\"type\":\"end\",\"data\":\"after\",\"id\":\"" + end + "\"}");
    } finally {
      relay.close();
      node.destroyForcibly();
      assertThat(node.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void copyLines(Process process, LinkedBlockingQueue<String> lines) {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("failed: " + e);
    }
  }

  private static String poll(LinkedBlockingQueue<String> lines) throws InterruptedException {
    return lines.poll(10, TimeUnit.SECONDS);
  }

  /** Installs the pinned package below target, once. */
  private static Path installNodeModules() throws Exception {
    if (!OptionalPrograms.has("node") || !OptionalPrograms.has("npm")) {
      OptionalPrograms.missing("node and npm are not installed");
    }
    Path from = Path.of("src/test/node");
    Path directory = Files.createDirectories(Path.of("target/node"));
    for (String file : List.of("package.json", "package-lock.json", "listen.mjs")) {
      Files.copy(from.resolve(file), directory.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    if (!Files.isDirectory(directory.resolve("node_modules/eventsource"))) {
      String failure =
          OptionalPrograms.run(
              directory, List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
      if (failure != null) {
        OptionalPrograms.missing("the npm package eventsource cannot be had: " + failure);
      }
    }
    return directory;
  }
}
