package io.ssegateway.examples;

import io.ssegateway.engine.EventPublisher;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.ProgrammaticSource;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.HttpCall;
import io.ssegateway.transport.netty.HttpHandler;
import io.ssegateway.transport.netty.PageHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A page of the program's own, served by the gateway: a chat whose history is the journal, and a
 * chart that moves. The page uses plain {@code EventSource}.
 */
public final class ChatAndChart {
  private static final int MAX_SAID = 500;
  private static final int PERIOD_MS = 500;

  private ChatAndChart() {}

  /** Takes a port; 8080 if there is none. */
  public static void main(String[] args) throws Exception {
    ProgrammaticSource source = new ProgrammaticSource("chat");
    Gateway gateway =
        Gateway.builder()
            .port(Ports.from(args))
            .source(source)
            .endpoint("/", "GET, HEAD", file("chat.html", "text/html; charset=utf-8"))
            .endpoint("/chat.js", "GET, HEAD", file("chat.js", "text/javascript"))
            .endpoint("/chat.css", "GET, HEAD", file("chat.css", "text/css"))
            .endpoint("/say", "POST", new Said(source))
            .build();
    gateway.start();
    publishLoad(gateway.publisher());

    System.out.println("open http://127.0.0.1:" + gateway.port() + "/ in two windows");
    Shutdown.drainAtTheEnd(gateway);
  }

  /** Takes what is said as plain text; a page of another origin cannot send that header. */
  private static final class Said implements HttpHandler {
    private final ProgrammaticSource source;

    Said(ProgrammaticSource source) {
      this.source = source;
    }

    @Override
    public void handle(HttpCall call) {
      String text = new String(call.body(), StandardCharsets.UTF_8).strip();
      if (call.header("X-Chat") == null) {
        call.refuse(403, "X-Chat: missing (expected: a request of the chat's own page)");
      } else if (text.isEmpty() || text.length() > MAX_SAID) {
        call.refuse(
            400, "text: " + text.length() + " characters (expected: 1 to " + MAX_SAID + ")");
      } else {
        PublishResult result = source.publish(Message.of("chat", "said", text));
        if (result == PublishResult.PUBLISHED) {
          call.respond(202, "text/plain", new byte[0]);
        } else {
          call.refuse(503, "not taken: " + result + "; try again");
        }
      }
    }
  }

  private static void publishLoad(EventPublisher publisher) {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "load");
              thread.setDaemon(true);
              return thread;
            });
    long start = System.nanoTime();
    timer.scheduleAtFixedRate(
        () -> {
          double seconds = (System.nanoTime() - start) / 1e9;
          double value = 50 + 30 * Math.sin(seconds / 5) + 8 * Math.sin(seconds * 1.7);
          publisher.publish(
              Message.of("chart", "value", String.format(Locale.ROOT, "%.1f", value)));
        },
        0,
        PERIOD_MS,
        TimeUnit.MILLISECONDS);
  }

  private static HttpHandler file(String name, String contentType) {
    byte[] content;
    try (InputStream in = ChatAndChart.class.getResourceAsStream("chat/" + name)) {
      if (in == null) {
        throw new IllegalStateException("chat/" + name + " is not on the class path");
      }
      content = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return call -> call.respond(200, contentType, PageHeaders.strict(), content);
  }
}
