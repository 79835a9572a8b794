package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ssegateway.presence.PresenceOptions;
import io.ssegateway.presence.PresenceSource;
import io.ssegateway.transport.netty.ApiKey;
import io.ssegateway.transport.netty.ApiKeys;
import io.ssegateway.transport.netty.AuthOptions;
import io.ssegateway.transport.netty.ChannelPatterns;
import io.ssegateway.transport.netty.Gateway;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Presence over HTTP: the jar's hook, taken by the webhook of another jar; and subjects. */
class PresenceIT {
  private static final Duration LIMIT = Duration.ofSeconds(15);

  @TempDir static Path directory;

  @Test
  void aHookThatIsSignedIsTakenByAWebhookOfAnotherGateway() throws Exception {
    Path webhooks =
        Files.writeString(
            directory.resolve("webhooks.properties"),
            """
            presence.channel=who
            presence.id={/delivery}
            presence.signature=hmac-sha256
            presence.header=X-SSE-Gateway-Signature
            presence.prefix=sha256=
            presence.encoding=hex
            presence.secrets=between-us
            """);
    try (GatewayProcess receiver =
            GatewayProcess.start("--port=0", "--journal=memory", "--webhooks=" + webhooks);
        SseStream who = SseStream.open(receiver.url("/sse/connect?channel_id=who"), "");
        GatewayProcess gateway =
            GatewayProcess.start(
                "--port=0",
                "--journal=memory",
                "--presence=room.*",
                "--presence-hook=" + receiver.url("/webhook/presence"),
                "--presence-hook-secret=between-us")) {
      try (SseStream news =
          SseStream.open(gateway.url("/sse/connect?channel_id=presence:room.1"), "")) {
        SseStream.open(gateway.url("/sse/connect?channel_id=room.1&channel_id=other"), "").close();
        await().atMost(LIMIT).until(() -> news.events().size() == 2);
        assertThat(news.events())
            .extracting(SseStream.Event::type)
            .containsExactly("join", "leave");
      }
      await().atMost(LIMIT).until(() -> told(who, "leave") == 1);
      gateway.terminate();
      assertThat(gateway.exitCode()).isZero();
      await().atMost(LIMIT).until(() -> told(who, "stopped") == 1);

      assertThat(told(who, "started")).isEqualTo(1);
      assertThat(told(who, "join")).isEqualTo(1);
      assertThat(String.join("", who.data()))
          .contains("\"channel_id\":\"room.1\"")
          .doesNotContain("other");
    }
  }

  private static long told(SseStream stream, String event) {
    return Pattern.compile("\"event\":\"" + event + "\"")
        .matcher(String.join("", stream.data()))
        .results()
        .count();
  }

  @Test
  void theSubjectOfACredentialIsOneMemberHoweverManyTabsAreOpen() throws Exception {
    String key = ApiKeys.generate();
    ApiKey ann =
        new ApiKey("ann", ApiKeys.sha256(key), ChannelPatterns.ALL, ChannelPatterns.NONE, Set.of());
    PresenceOptions options = PresenceOptions.DEFAULTS.withGraceMs(300);
    try (Gateway gateway =
        Gateway.builder()
            .port(0)
            .authenticator(new ApiKeys(List.of(ann)))
            .authOptions(AuthOptions.DEFAULTS.withQueryToken(true))
            .source(new PresenceSource(options))
            .build()) {
      gateway.start();
      String url =
          "http://127.0.0.1:"
              + gateway.port()
              + "/sse/connect?access_token="
              + key
              + "&channel_id=";
      try (SseStream news = SseStream.open(url + "presence:a", "")) {
        SseStream first = SseStream.open(url + "a", "");
        SseStream second = SseStream.open(url + "a", "");
        await().atMost(LIMIT).until(() -> !news.events().isEmpty());
        first.close();
        second.close();
        await().atMost(LIMIT).until(() -> news.events().size() == 2);

        assertThat(news.events())
            .extracting(SseStream.Event::type)
            .containsExactly("join", "leave");
        assertThat(news.data()).allMatch(data -> data.contains("\"subject\":\"ann\""));
      }
    }
  }
}
