package io.ssegateway.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A stream read by the JDK's own HTTP client: the events, and the last id, as a browser sees them.
 */
final class SseStream implements AutoCloseable {
  /** An event as the standard dispatches it. */
  record Event(String id, String type, String data) {}

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final HttpResponse<java.io.InputStream> response;
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final List<String> comments = new CopyOnWriteArrayList<>();
  private volatile String lastEventId;
  private volatile int retryMs = -1;
  private volatile boolean ended;
  private final Consumer<Event> listener;
  private final Thread reader;

  private SseStream(
      HttpResponse<java.io.InputStream> response, String lastEventId, Consumer<Event> listener) {
    this.response = response;
    this.lastEventId = lastEventId;
    this.listener = listener;
    this.reader = new Thread(this::read, "sse-stream");
    reader.setDaemon(true);
    reader.start();
  }

  /** Connects; an empty id is not sent. */
  static SseStream open(String url, String lastEventId) throws IOException, InterruptedException {
    return open(url, lastEventId, event -> {});
  }

  /** Connects; the listener is told of each event on the thread that reads. */
  static SseStream open(String url, String lastEventId, Consumer<Event> listener)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url)).header("Accept", "text/event-stream");
    if (!lastEventId.isEmpty()) {
      request.header("Last-Event-ID", lastEventId);
    }
    HttpResponse<java.io.InputStream> response =
        CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != 200) {
      throw new IOException("status " + response.statusCode() + " of " + url);
    }
    return new SseStream(response, lastEventId, listener);
  }

  private void read() {
    String type = "";
    List<String> data = new ArrayList<>();
    String idBuffer = lastEventId;
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (line.isEmpty()) {
          lastEventId = idBuffer;
          if (!data.isEmpty()) {
            Event event =
                new Event(idBuffer, type.isEmpty() ? "message" : type, String.join("\n", data));
            events.add(event);
            listener.accept(event);
          }
          type = "";
          data = new ArrayList<>();
        } else if (line.startsWith("id: ")) {
          idBuffer = line.substring(4);
        } else if (line.startsWith("event: ")) {
          type = line.substring(7);
        } else if (line.startsWith("data: ")) {
          data.add(line.substring(6));
        } else if (line.startsWith(": ")) {
          comments.add(line.substring(2));
        } else if (line.startsWith("retry: ")) {
          retryMs = Integer.parseInt(line.substring(7));
        }
      }
    } catch (IOException e) {
      // the stream has ended; what came until then counts
    } finally {
      ended = true;
    }
  }

  List<Event> events() {
    return events;
  }

  List<String> data() {
    return events.stream().map(Event::data).toList();
  }

  List<String> comments() {
    return comments;
  }

  String lastEventId() {
    return lastEventId;
  }

  int retryMs() {
    return retryMs;
  }

  /** Waits for the end; false if it has not come in time. */
  boolean awaitEnd(long ms) throws InterruptedException {
    reader.join(ms);
    return !reader.isAlive();
  }

  boolean hasEnded() {
    return ended;
  }

  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      // it is over one way or the other
    }
  }
}
