package io.ssegateway.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ssegateway.engine.CloseReason;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Presence as messages, through an engine. */
class PresenceSourceTest {
  private static final long GRACE_MS = 10_000;

  private final AtomicLong nowMs = new AtomicLong(1);
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private PresenceSource source;
  private Engine engine;

  @BeforeEach
  void start() {
    source =
        new PresenceSource(
            PresenceOptions.DEFAULTS.withGraceMs(GRACE_MS), nowMs::get, () -> 1_000_000);
    engine = Engine.builder().source(source).build();
    engine.start();
    engine.subscribe(
        List.of("presence:room"), null, event -> heard.add(event.type() + " " + event.data()));
  }

  @AfterEach
  void stop() {
    engine.close();
  }

  private static String data(String kind, String subject, long connection) {
    return "%s {\"event\":\"%s\",\"channel_id\":\"room\",\"subject\":%s,\"connection_id\":%d,\"time_ms\":1000000}"
        .formatted(kind, kind, subject, connection);
  }

  private void awaitHeard(int count) {
    await().atMost(Duration.ofSeconds(10)).until(() -> heard.size() >= count);
  }

  @Test
  void whoListensToTheChannelOfPresenceHearsWhoComesAndGoes() {
    Subscription stream = engine.subscribe(List.of("room"), null, event -> true);
    awaitHeard(1);
    stream.close();
    awaitHeard(2);

    assertThat(heard.get(0)).startsWith("join {\"event\":\"join\",\"channel_id\":\"room\"");
    assertThat(heard.get(1)).startsWith("leave {\"event\":\"leave\",\"channel_id\":\"room\"");
    assertThat(source.members()).as("who listens to presence is no member").isZero();
  }

  @Test
  void aSubjectJoinsOnceAndLeavesWhenTheGracePeriodIsOver() {
    source.onConnect(7, "ann", List.of("room"));
    source.onConnect(8, "ann", List.of("room"));
    awaitHeard(1);
    source.onDisconnect(7, "ann", List.of("room"), CloseReason.CLIENT);
    source.onDisconnect(8, "ann", List.of("room"), CloseReason.CLIENT);
    nowMs.addAndGet(GRACE_MS);
    awaitHeard(2);

    assertThat(heard).containsExactly(data("join", "\"ann\"", 7), data("leave", "\"ann\"", 8));
  }

  @Test
  void tenThousandWhoComeAtOnceAreAllTold() {
    IntStream.range(0, 10_000).forEach(i -> source.onConnect(i, "user" + i, List.of("room")));
    awaitHeard(10_000);

    assertThat(source.stats().lost()).isZero();
    assertThat(source.stats().received()).isEqualTo(10_000);
    assertThat(heard).doesNotHaveDuplicates();
  }

  @Test
  void aChannelWhoseNameLeavesNoRoomForThePrefixIsCounted() {
    source.onConnect(1, "ann", List.of("x".repeat(255)));

    assertThat(source.stats().lost()).isEqualTo(1);
  }
}
