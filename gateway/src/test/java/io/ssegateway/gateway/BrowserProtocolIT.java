package io.ssegateway.gateway;

import static io.ssegateway.gateway.EventSourcePage.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.sun.net.httpserver.HttpServer;
import io.ssegateway.redis.client.testing.Certificate;
import io.ssegateway.transport.netty.Authentication;
import io.ssegateway.transport.netty.ChannelPatterns;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.GatewayOptions;
import io.ssegateway.transport.netty.Grant;
import io.ssegateway.transport.netty.TlsOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the native EventSource of a real browser makes of the streams of the executable jar. The
 * page is of another origin than the gateway, as that of an application is.
 */
class BrowserProtocolIT {
  @RegisterExtension static final Chromium CHROMIUM = new Chromium();

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir static Path directory;
  private static HttpServer pages;
  private static GatewayProcess gateway;
  private static int port;

  private BrowserContext context;
  private Page page;
  private EventSourcePage streams;
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] html = EventSourcePage.HTML.getBytes(StandardCharsets.UTF_8);
    pages.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
          exchange.sendResponseHeaders(200, html.length);
          exchange.getResponseBody().write(html);
          exchange.close();
        });
    pages.start();
    gateway = start(0);
    port = gateway.port();
  }

  /** Comes back after a minute unless it is told otherwise: later than a test waits. */
  private static GatewayProcess start(int onPort) throws IOException {
    return GatewayProcess.start(
        "--port=" + onPort,
        "--data-dir=" + directory.resolve("journal"),
        "--cors-origins=" + pageOrigin("127.0.0.1"),
        "--trace-context",
        "--retry=60s",
        "--drain=0s");
  }

  @AfterAll
  static void stop() {
    gateway.close();
    pages.stop(0);
  }

  @BeforeEach
  void openPage() {
    context =
        CHROMIUM.browser().newContext(new Browser.NewContextOptions().setIgnoreHTTPSErrors(true));
    page = context.newPage();
    streams = new EventSourcePage(page);
    page.onRequest(requests::add);
    page.navigate(pageOrigin("127.0.0.1") + "/");
  }

  @AfterEach
  void closePage() {
    context.close();
  }

  private static String pageOrigin(String host) {
    return "http://" + host + ":" + pages.getAddress().getPort();
  }

  private static String stream(String query) {
    return "http://127.0.0.1:" + port + "/sse/connect?" + query;
  }

  private static void publish(String channel, String data, String more)
      throws IOException, InterruptedException {
    HttpResponse<String> answer =
        Requests.post(
            gateway.url("/api/send"),
            "{\"channel_id\":\"%s\",\"data\":\"%s\"%s}".formatted(channel, data, more));
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  /** What the page asked for, the newest last. */
  private List<Request> asked(String part) {
    return requests.stream().filter(r -> r.url().contains(part)).toList();
  }

  private static int openStreams() throws IOException, InterruptedException {
    Matcher count =
        Pattern.compile("\"connection_count\":([0-9]+)")
            .matcher(Requests.get(gateway.url("/api/stats")).body());
    assertThat(count.find()).isTrue();
    return Integer.parseInt(count.group(1));
  }

  @Test
  void comesBackWithItsLastIdAfterTheServerWasKilled() throws Exception {
    int stream = streams.listen(stream("channel_id=killed"));
    until(() -> streams.count(stream, "open") == 1);
    publish("killed", "one", "");
    publish("killed", "two", ",\"retry\":1000");
    until(() -> streams.data(stream, "message").size() == 2);
    String lastId = streams.lastId(stream);

    gateway.kill();
    until(() -> streams.count(stream, "error") > 0);
    gateway = start(port);
    gateway.port();
    publish("killed", "three", "");
    publish("killed", "four", "");

    until(() -> streams.data(stream, "message").size() >= 4);
    assertThat(streams.data(stream, "message")).isEqualTo(List.of("one", "two", "three", "four"));
    assertThat(streams.count(stream, "gap")).isZero();
    List<Request> asked = asked("channel_id=killed");
    assertThat(asked.get(0).allHeaders()).doesNotContainKey("last-event-id");
    assertThat(asked.get(asked.size() - 1).allHeaders()).containsEntry("last-event-id", lastId);
  }

  /** Nor does the journal lose it when the gateway is killed. */
  @Test
  void theTraceOfAnEventIsNothingThatAScriptHears() throws Exception {
    int stream = streams.listen(stream("channel_id=traced"));
    until(() -> streams.count(stream, "open") == 1);
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    HttpResponse<String> answer =
        Requests.post(
            gateway.url("/api/send"),
            "{\"channel_id\":\"traced\",\"data\":\"one\"}",
            "traceparent",
            trace,
            "tracestate",
            "vendor=1");
    assertThat(answer.statusCode()).isEqualTo(200);
    until(() -> streams.data(stream, "message").size() == 1);
    assertThat(streams.data(stream, "message")).isEqualTo(List.of("one"));
    String id = streams.lastId(stream);
    assertThat(answer.body()).contains("\"id\":\"" + id + "\"");
    publish("traced", "two", "");

    gateway.kill();
    gateway = start(port);
    int position = id.lastIndexOf('-') + 1;
    try (SseStream replay =
        SseStream.open(
            gateway.url("/sse/connect?channel_id=traced"), id.substring(0, position) + "0")) {
      until(() -> replay.data().equals(List.of("one", "two")));
      assertThat(replay.comments())
          .containsOnlyOnce("traceparent=" + trace)
          .containsOnlyOnce("tracestate=vendor=1");
    }
  }

  @Test
  void hearsOfAGapByAnEvent() throws Exception {
    int stream = streams.listen(stream("channel_id=gaps&last_event_id=another-7"));
    until(() -> streams.count(stream, "gap") == 1);

    assertThat(streams.data(stream, "gap").get(0).toString())
        .contains("\"reason\":\"unknown_epoch\"", "\"requested\":\"another-7\"");
    publish("gaps", "goes on", "");
    until(() -> streams.data(stream, "message").equals(List.of("goes on")));
  }

  @Test
  void overHttp1ABrowserOpensSixStreamsToOneServerAndNotOneMore() throws Exception {
    until(() -> openStreams() == 0);
    for (int i = 0; i < 7; i++) {
      streams.listen(stream("channel_id=six"));
    }
    until(() -> streams.states().equals("1111110"));
    await()
        .pollInSameThread()
        .during(Duration.ofMillis(500))
        .atMost(PATIENCE)
        .until(() -> openStreams() == 6 && streams.states().equals("1111110"));

    streams.close(0);
    until(() -> streams.states().equals("2111111"));
  }

  @Test
  void overHttp2ABrowserOpensAsManyAsItLikes() throws Exception {
    Certificate certificate = Certificate.make(directory);
    try (Gateway tls =
        Gateway.builder()
            .options(
                GatewayOptions.DEFAULTS.toBuilder()
                    .port(0)
                    .corsOrigins(List.of(pageOrigin("127.0.0.1")))
                    .build())
            .tls(TlsOptions.of(certificate.certificate(), certificate.key()))
            .build()) {
      tls.start();
      for (int i = 0; i < 20; i++) {
        streams.listen("https://127.0.0.1:" + tls.port() + "/sse/connect?channel_id=many");
      }
      until(() -> streams.states().equals("1".repeat(20)));
      assertThat(tls.engine().subscribers().total()).isEqualTo(20);
      assertThat(
              page.evaluate(
                  "performance.getEntriesByType('resource').filter(e => e.name.includes('many'))"
                      + ".every(e => e.nextHopProtocol === 'h2' || e.nextHopProtocol === '')"))
          .isEqualTo(true);
    }
  }

  @Test
  void readsWhatItsOriginMayAndNothingElse() throws Exception {
    int allowed = streams.listen(stream("channel_id=origins"));
    until(() -> streams.count(allowed, "open") == 1);

    Page foreignPage = context.newPage();
    foreignPage.navigate(pageOrigin("localhost") + "/");
    EventSourcePage foreign = new EventSourcePage(foreignPage);
    int refused = foreign.listen(stream("channel_id=origins"));
    until(() -> foreign.states().equals("2"));
    publish("origins", "for the allowed", "");

    until(() -> streams.data(allowed, "message").equals(List.of("for the allowed")));
    assertThat(foreign.count(refused, "open") + foreign.count(refused, "message")).isZero();
  }

  @Test
  void comesBackWhenItIsTold() throws Exception {
    int stream = streams.listen(stream("channel_id=retry"));
    until(() -> streams.count(stream, "open") == 1);
    publish("retry", "come back soon", ",\"retry\":700");
    until(() -> streams.count(stream, "message") == 1);

    Matcher id =
        Pattern.compile("\"connection_id\":([0-9]+)")
            .matcher(Requests.get(gateway.url("/api/connections?channel_id=retry")).body());
    assertThat(id.find()).isTrue();
    long begin = System.nanoTime();
    assertThat(Requests.delete(gateway.url("/api/connections/" + id.group(1))).statusCode())
        .isEqualTo(200);
    until(() -> streams.count(stream, "open") == 2);

    // a minute is what every stream begins with
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isBetween(Duration.ofMillis(600), Duration.ofSeconds(15));
  }

  @Test
  void hearsWhyAStreamEndsWhenItsCredentialIsOver() throws Exception {
    try (Gateway guarded =
        Gateway.builder()
            .options(
                GatewayOptions.DEFAULTS.toBuilder()
                    .port(0)
                    .corsOrigins(List.of(pageOrigin("127.0.0.1")))
                    .build())
            .authenticator(
                request ->
                    CompletableFuture.completedFuture(
                        Authentication.granted(
                            Grant.builder()
                                .subscribe(ChannelPatterns.ALL)
                                .expiresAt(Instant.now().plusMillis(1500))
                                .build())))
            .build()) {
      guarded.start();
      int stream =
          streams.listen("http://127.0.0.1:" + guarded.port() + "/sse/connect?channel_id=expires");
      until(() -> streams.count(stream, "close") == 1);
      assertThat(streams.data(stream, "close")).isEqualTo(List.of("{\"reason\":\"expired\"}"));
      streams.close(stream);
      assertThat(Map.of("open", streams.count(stream, "open"), "gap", streams.count(stream, "gap")))
          .isEqualTo(Map.of("open", 1, "gap", 0));
    }
  }
}
