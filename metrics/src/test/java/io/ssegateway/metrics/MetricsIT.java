package io.ssegateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ssegateway.engine.CloseReason;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.EventPublisher;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.SourceContext;
import io.ssegateway.engine.SourceHealth;
import io.ssegateway.engine.SourceStats;
import io.ssegateway.engine.Timing;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.GatewayOptions;
import io.ssegateway.transport.netty.Role;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a gateway tells Prometheus, after traffic that is known, and who relies on it. */
class MetricsIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:sse_gateway|jvm|netty|process|system)_[a-z0-9_]+\\b");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static final List<Socket> STREAMS = new ArrayList<>();
  private static PrometheusMetrics metrics;
  private static Gateway gateway;

  @BeforeAll
  static void runSomeTraffic() throws Exception {
    metrics = new PrometheusMetrics();
    gateway =
        Gateway.builder()
            .port(0)
            .journal(new MemoryJournal())
            .source(new DownSource())
            .endpoint("/metrics", "GET, HEAD", Role.STATS, metrics.handler())
            .build();
    metrics.bind(gateway);
    gateway.start();
    openStream("a");
    openStream("a");
    await().until(() -> gateway.engine().subscribers().total() == 2);
    for (int i = 0; i < 10; i++) {
      gateway.publisher().publish(Message.of("a", "hello"));
    }
    await().until(() -> gateway.engine().count(Counter.DELIVERED) == 20);
    STREAMS.get(0).close();
    await().until(() -> gateway.engine().subscribers().total() == 1);
    openStream("a&last_event_id=nonsense");
    await().until(() -> gateway.engine().timing(Timing.REPLAY).count() == 1);
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> gateway.engine().journal().oldestTimeMs() > 0);
  }

  @AfterAll
  static void end() throws IOException {
    for (Socket stream : STREAMS) {
      stream.close();
    }
    gateway.close();
    metrics.close();
  }

  private static void openStream(String channel) throws IOException {
    STREAMS.add(stream(gateway, channel));
  }

  private static Socket stream(Gateway to, String channel) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.port());
    String request =
        "GET /sse/connect?channel_id=" + channel + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static HttpResponse<String> get(String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/metrics"));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Exposition scrape() throws Exception {
    HttpResponse<String> response = get();
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    return Exposition.parse(response.body());
  }

  @Test
  void figuresAreThoseOfTheTraffic() throws Exception {
    Exposition e = scrape();
    assertThat(e.value("sse_gateway_connections", "")).isEqualTo(2);
    assertThat(e.value("sse_gateway_channels", "")).isEqualTo(1);
    assertThat(e.value("sse_gateway_connects_total", "")).isEqualTo(3);
    assertThat(e.value("sse_gateway_disconnects_total", "{reason=\"client\"}")).isEqualTo(1);
    assertThat(e.value("sse_gateway_disconnects_total", "{reason=\"stalled\"}")).isZero();
    assertThat(e.value("sse_gateway_published_events_total", "")).isEqualTo(10);
    assertThat(e.value("sse_gateway_delivered_events_total", "")).isEqualTo(20);
    assertThat(e.value("sse_gateway_delivered_bytes_total", ""))
        .isEqualTo((double) gateway.engine().count(Counter.DELIVERED_BYTES))
        .isPositive();
    assertThat(e.value("sse_gateway_replayed_events_total", "")).isEqualTo(10);
    assertThat(e.value("sse_gateway_gaps_total", "{reason=\"unknown_epoch\"}")).isEqualTo(1);
    assertThat(e.value("sse_gateway_publishes_refused_total", "{reason=\"back_pressure\"}"))
        .isZero();
    assertThat(e.value("sse_gateway_publish_to_write_seconds_count", "")).isEqualTo(20);
    assertThat(e.value("sse_gateway_publish_to_write_seconds_bucket", "{le=\"+Inf\"}"))
        .isEqualTo(20);
    assertThat(e.value("sse_gateway_publish_to_write_seconds_sum", "")).isBetween(1e-6, 100.0);
    assertThat(e.value("sse_gateway_replay_seconds_count", "")).isEqualTo(1);
    assertThat(e.value("sse_gateway_journal_commit_seconds_count", "")).isBetween(1.0, 10.0);
    assertThat(e.value("sse_gateway_ring_size_events", "")).isEqualTo(8192);
    assertThat(e.value("sse_gateway_ring_remaining_events", "")).isBetween(8000.0, 8192.0);
    assertThat(e.value("sse_gateway_journal_writable", "")).isEqualTo(1);
    assertThat(e.value("sse_gateway_journal_size_bytes", "")).isPositive();
    double now = System.currentTimeMillis() / 1000.0;
    assertThat(e.value("sse_gateway_journal_oldest_event_timestamp_seconds", ""))
        .isBetween(now - 120, now);
    assertThat(e.value("sse_gateway_journal_free_disk_bytes", "")).as("on no disk").isNaN();
    assertThat(e.value("sse_gateway_refused_total", "{reason=\"streams\"}")).isZero();
    assertThat(e.value("sse_gateway_tls_failures_total", "")).isZero();
    assertThat(e.value("sse_gateway_ready", "")).as("a source is down").isZero();
    assertThat(e.value("sse_gateway_source_up", "{source=\"down\"}")).isZero();
    assertThat(e.value("sse_gateway_source_lag_events", "{source=\"down\"}")).isEqualTo(7);
    assertThat(e.value("sse_gateway_source_lost_total", "{source=\"down\"}")).isEqualTo(3);
    assertThat(e.sampleNames).contains("jvm_memory_used_bytes", "netty_allocator_memory_used");
  }

  @Test
  void whatWentWrongIsCountedByItsReason() throws Exception {
    PrometheusMetrics own = new PrometheusMetrics();
    Gateway small =
        Gateway.builder()
            .options(
                GatewayOptions.DEFAULTS.toBuilder()
                    .port(0)
                    .eventLoops(1)
                    .maxConnections(2)
                    .sendBufferBytes(4096)
                    .maxPendingBytes(4096)
                    .drainMs(1)
                    .build())
            .engineOptions(EngineOptions.DEFAULTS.toBuilder().ringSize(4).build())
            .build();
    own.bind(small);
    try (small;
        own) {
      small.start();
      EventPublisher publisher = small.publisher();
      try (Socket first = stream(small, "a");
          Socket second = stream(small, "a")) {
        await().until(() -> small.engine().subscribers().total() == 2);
        try (Socket third = stream(small, "a")) {
          assertThat(third.getInputStream().readNBytes(12)).asString().endsWith("503");
        }
        await().until(() -> publishUntil(publisher, PublishResult.BACK_PRESSURED));
        assertThat(publisher.publish(Message.of("a", "x".repeat(2 << 20))))
            .isEqualTo(PublishResult.TOO_LARGE);
        await()
            .until(
                () -> {
                  publisher.publish(Message.of("a", "y".repeat(100_000)));
                  return small.engine().count(Counter.SLOW_TRANSITIONS) > 0; // nobody reads
                });
        long id = small.engine().connections(0, 1).join().get(0).id();
        small.engine().closeConnection(id, CloseReason.OPERATOR).join();
        small.drain();

        Exposition e = Exposition.parse(own.registry().scrape());
        assertThat(e.value("sse_gateway_refused_total", "{reason=\"streams\"}")).isEqualTo(1);
        assertThat(e.value("sse_gateway_publishes_refused_total", "{reason=\"back_pressure\"}"))
            .isEqualTo((double) small.engine().count(Counter.BACK_PRESSURED))
            .isPositive();
        assertThat(e.value("sse_gateway_slow_transitions_total", "")).isPositive();
        assertThat(e.value("sse_gateway_disconnects_total", "{reason=\"operator\"}")).isEqualTo(1);
        assertThat(e.value("sse_gateway_disconnects_total", "{reason=\"drained\"}")).isEqualTo(1);
        assertThat(e.value("sse_gateway_journal_append_seconds_count", "")).isPositive();
        assertThat(e.value("sse_gateway_draining", "")).isEqualTo(1);
        assertThat(first.isConnected() && second.isConnected()).isTrue();
      }
    }
  }

  private static boolean publishUntil(EventPublisher publisher, PublishResult expected) {
    for (int i = 0; i < 10_000; i++) {
      if (publisher.publish(Message.of("nobody", "x")) == expected) {
        return true;
      }
    }
    return false;
  }

  @Test
  void everyCounterOfTheEngineIsAMetricOfAnyRegistry() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    new GatewayMetrics(gateway).bindTo(registry);
    for (Counter counter : Counter.values()) {
      CounterNames names = CounterNames.of(counter);
      FunctionCounter meter =
          registry.get("sse.gateway." + names.name()).tags(names.tags()).functionCounters().stream()
              .filter(m -> Objects.equals(m.getId().getBaseUnit(), names.unitOrNull()))
              .findFirst()
              .orElseThrow();
      assertThat(meter.count())
          .as(counter.label())
          .isEqualTo((double) gateway.engine().count(counter));
    }
    assertThat(registry.get("sse.gateway.publish.to.write").functionTimer().count()).isEqualTo(20);
    assertThat(registry.get("sse.gateway.publish.to.write.percentile").timeGauges()).hasSize(3);
    registry.close();
  }

  @Test
  void openMetricsIsAnsweredWhereItIsAskedFor() throws Exception {
    HttpResponse<String> response = get("Accept", "application/openmetrics-text; version=1.0.0");
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/openmetrics-text");
    assertThat(response.body()).endsWith("# EOF\n").contains("sse_gateway_connections 2");
  }

  @Test
  void theDashboardAndTheAlertsAskForMetricsThatThereAre() throws Exception {
    Set<String> used =
        new TreeSet<>(namesIn(Files.readString(ROOT.resolve("deploy/prometheus/alerts.yml"))));
    assertThat(used).hasSizeGreaterThan(10);
    Path dashboard = ROOT.resolve("deploy/grafana/sse-gateway.json");
    int expressions = 0;
    try (JsonParser json = new JsonFactory().createParser(dashboard.toFile())) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.VALUE_STRING && "expr".equals(json.currentName())) {
          expressions++;
          Set<String> names = namesIn(json.getText());
          assertThat(names).as(json.getText()).isNotEmpty();
          used.addAll(names);
        }
      }
    }
    assertThat(expressions).isGreaterThan(20);
    used.remove("jvm_gc_pause_seconds_sum"); // there as soon as there was a pause
    assertThat(scrape().sampleNames).containsAll(used);
  }

  private static Set<String> namesIn(String text) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = METRIC.matcher(text);
    while (matcher.find()) {
      names.add(matcher.group());
    }
    return names;
  }

  @Test
  void thePageForOperatorsListsEveryMetric() throws Exception {
    String made = scrape().table();
    Files.writeString(Path.of("target/metrics.md"), made);
    assertThat(Files.readString(ROOT.resolve("docs/operating.md")))
        .as("docs/operating.md (to mend it, copy metrics/target/metrics.md into it)")
        .contains(made);
  }

  @Test
  void promtoolFindsNothingWrong() throws Exception {
    requirePromtool();
    String config = ROOT.resolve("deploy/prometheus/prometheus.yml").toString();
    assertThat(promtool("", "check", "config", config)).contains("SUCCESS: 1 rule files found");
    String found = promtool(get().body(), "check", "metrics");
    assertThat(found.lines().filter(line -> line.startsWith("sse_gateway_"))).isEmpty();
    assertThat(promtool("a_total{ 1\n", "check", "metrics")).as("it looks").contains("error");
  }

  private static void requirePromtool() throws IOException {
    try {
      Process probe = new ProcessBuilder("promtool", "--version").redirectErrorStream(true).start();
      probe.getInputStream().readAllBytes();
    } catch (IOException e) {
      String missing = "promtool is missing (Debian: prometheus)";
      assertThat(System.getenv("SSE_GATEWAY_REQUIRE_OPTIONAL")).as(missing).isNotEqualTo("true");
      assumeTrue(false, missing);
    }
  }

  private static String promtool(String input, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (OutputStream out = process.getOutputStream()) {
      out.write(input.getBytes(StandardCharsets.UTF_8));
    }
    try (InputStream in = process.getInputStream()) {
      String output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      return output;
    }
  }

  /** A source whose backend is away. */
  private static final class DownSource implements MessageSource {
    @Override
    public String name() {
      return "down";
    }

    @Override
    public void start(SourceContext context) {
      // there is nothing to start
    }

    @Override
    public SourceHealth health() {
      return SourceHealth.down("away");
    }

    @Override
    public SourceStats stats() {
      return new SourceStats(1, 2, 3, 4, 5, 7);
    }

    @Override
    public void close() {
      // as above
    }
  }
}
