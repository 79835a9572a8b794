package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said to settings of sources that do not fit, before anything is opened. */
class SourcesConfigurationTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path directory;

  private record Outcome(int exitCode, String output) {}

  private Outcome run(Map<String, String> environment, String... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    String[] all = new String[arguments.length + 2];
    all[0] = "--port=0";
    all[1] = "--data-dir=" + directory.resolve("data");
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    int exitCode =
        assertTimeoutPreemptively(
            LIMIT, () -> new Main(out, out).run(all, environment), "it serves");
    return new Outcome(exitCode, bytes.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --pubsub-subscription=events | gcp-project: not set
          --pubsub-topic=events | gcp-project: not set
          --gcp-project=p --pubsub-subscription=events --pubsub-topic=news | pubsub-subscription: events, pubsub-topic: news (expected: one of the two)
          --gcp-project=p --pubsub-subscription=e | settings pubsub-*: subscription: "e" (expected: a name of 3 to 255
          --redis-pubsub=patterns | redis-uri: not set
          --redis-streams=events | redis-uri: not set
          --journal=redis | redis-uri: not set
          --redis-pubsub=sometimes | redis-pubsub: "sometimes" from command line --redis-pubsub (expected: one of off, patterns, on-demand, sharded)
          --redis-pubsub=patterns --redis-uri=redis://a,redis://b | settings redis-*: uris: 2 (expected: one
          --redis-pubsub=patterns --redis-uri=redis://a --redis-key=k.pem | settings redis-*: clientCertificate: null, clientKey: k.pem (expected: both or none)
          --redis-streams=events --redis-uri=redis://a --redis-streams-start=now | settings redis-*: startAt: "now" (expected: $, 0 or the id of an entry)
          --kafka-topics=t --kafka-start=yesterday | kafka-start: "yesterday" from command line --kafka-start (expected: latest, earliest, or a time such as 2026-01-31T12:00:00Z)
          --kafka-topics=t --kafka-topic-pattern=t.* | kafka-topics: t, kafka-topic-pattern: t.* (expected: one of the two)
          --kafka-topic-pattern=( | settings kafka-*: topicPattern: "(" (expected: a regular expression)
          --kafka-topics=t --kafka-value=xml | kafka-value: "xml" from command line --kafka-value (expected:
          --kafka-topics=t --kafka-properties=no.properties | kafka-properties: no.properties does not exist
          --webhooks=no.properties | webhooks: no.properties does not exist
          """)
  void whatDoesNotFitIsNamedAndNothingIsOpened(String arguments, String message) {
    Outcome outcome = run(Map.of(), arguments.split(" "));

    assertThat(outcome.exitCode).isEqualTo(2);
    assertThat(outcome.output).startsWith("sse-gateway: ").contains(message).contains("--help");
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void aPropertyOfKafkaThatTheSourceSetsItselfIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("kafka.properties"), "group.id=mine");

    Outcome outcome = run(Map.of(), "--kafka-topics=t", "--kafka-properties=" + file);

    assertThat(outcome.exitCode).isEqualTo(2);
    assertThat(outcome.output).contains("settings kafka-*: clientProperties: group.id=mine");
  }

  @Test
  void aRedisUriIsNeverShown() {
    String secret = "pass-word";
    String good = "redis://user:" + secret + "@127.0.0.1:6379";
    for (String uri :
        Stream.of(good, "redis://user:" + secret + "@[::", "http://" + secret).toList()) {
      Outcome printed = run(Map.of("SSE_GATEWAY_REDIS_URI", uri), "--print-config");
      assertThat(printed.exitCode).isZero();
      assertThat(printed.output)
          .contains("# environment SSE_GATEWAY_REDIS_URI\n#redis-uri=(hidden)\n")
          .doesNotContain(secret);

      if (!uri.equals(good)) {
        Outcome refused = run(Map.of("SSE_GATEWAY_REDIS_URI", uri), "--redis-pubsub=patterns");
        assertThat(refused.exitCode).isEqualTo(2);
        assertThat(refused.output)
            .contains("settings redis-*: uri: not understood")
            .doesNotContain(secret);
      }
    }
  }
}
