package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client is told about events that it cannot have any more. */
class LaneGapTest {
  private final ScriptedOutlet outlet = new ScriptedOutlet();

  @Test
  void anExpiredIdStartsWithAGapThatNamesBothEnds() {
    try (LaneHarness harness =
        new LaneHarness(1, LaneHarness.options().build(), LaneHarness.memory(4096))) {
      for (int i = 1; i <= 100; i++) {
        harness.publish("a", "event " + i);
        harness.turn();
      }
      long oldest = harness.engine.journal().oldestPosition();
      assertThat(oldest).as("something was dropped").isGreaterThan(2);
      Connection connection = harness.connect(0, LaneHarness.id(1), outlet, "a");
      harness.turnUntilLive(connection);
      assertThat(outlet.events().get(0).data())
          .isEqualTo(
              "{\"reason\":\"expired\",\"requested\":\"test-1\",\"resumed_at\":\"test-"
                  + (oldest - 1)
                  + "\"}");
      assertThat(outlet.events().get(0).id()).isEqualTo(LaneHarness.id(oldest - 1));
      assertThat(outlet.data()).hasSize((int) (100 - oldest + 1) + 1);
      assertThat(outlet.data().get(1)).isEqualTo("event " + oldest);
      assertThat(harness.engine.count(Counter.GAPS_EXPIRED)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "other-1",
        "test-",
        "nonsense",
        "test-99999999999999999999",
        "-",
        "tést-1",
        "test-3",
        "\" \\"
      })
  void anIdThatMeansNothingHereStartsWithAGapAndThenAllThereIs(String id) {
    try (LaneHarness harness = new LaneHarness(1)) {
      harness.publish("a", "1");
      harness.publish("a", "2");
      harness.turn();
      Connection connection = harness.connect(0, id, outlet, "a");
      harness.turnUntilLive(connection);
      assertThat(outlet.data()).containsExactly("gap:unknown_epoch", "1", "2");
      String requested = id.replaceAll("[^ -~]|[\"\\\\]", "?");
      assertThat(outlet.events().get(0).data())
          .contains("\"requested\":\"" + requested + "\",\"resumed_at\":\"test-0\"");
      assertThat(harness.engine.count(Counter.GAPS_UNKNOWN_EPOCH)).isEqualTo(1);
      harness.publish("a", "3");
      harness.turn();
      assertThat(outlet.data()).endsWith("3").hasSize(4);
    }
  }

  @Test
  void aPositionInTheFutureIsOfAnotherJournal() {
    try (LaneHarness harness = new LaneHarness(1)) {
      harness.publish("a", "1");
      harness.turn();
      Connection connection = harness.connect(0, LaneHarness.id(2), outlet, "a");
      harness.turnUntilLive(connection);
      assertThat(outlet.data()).containsExactly("gap:unknown_epoch", "1");
    }
  }

  @Test
  void aGapOfAnUnknownIdIsToldAlsoIfTheOutletDeclinesItAtFirst() {
    try (LaneHarness harness = new LaneHarness(1)) {
      harness.publish("a", "1");
      harness.turn();
      outlet.declineAfter(1); // the preamble
      Connection connection = harness.connect(0, "other-7", outlet, "a");
      harness.turnUntil(() -> !outlet.isWritable());
      assertThat(outlet.data()).isEmpty();
      outlet.accept();
      harness.executor(0).runNow(connection::onWritable);
      harness.turnUntilLive(connection);
      assertThat(outlet.data()).containsExactly("gap:unknown_epoch", "1");
      assertThat(outlet.events().get(0).data()).contains("\"requested\":\"other-7\"");
      assertThat(harness.engine.count(Counter.GAPS_UNKNOWN_EPOCH)).isEqualTo(1);
    }
  }

  @Test
  void moreThanAReplayMayHoldIsAGapForTheLimitAndTheNewest() {
    try (LaneHarness harness =
        new LaneHarness(
            1, LaneHarness.options().maxReplayEvents(3).build(), LaneHarness.memory(1 << 20))) {
      for (int i = 1; i <= 10; i++) {
        harness.publish("a", "event " + i);
      }
      harness.turn();
      Connection connection = harness.connect(0, LaneHarness.id(2), outlet, "a");
      harness.turnUntilLive(connection);
      assertThat(outlet.data()).containsExactly("gap:limit", "event 8", "event 9", "event 10");
      assertThat(outlet.events().get(0).id()).isEqualTo(LaneHarness.id(7));
      assertThat(harness.engine.count(Counter.GAPS_LIMIT)).isEqualTo(1);
    }
  }

  @Test
  void asMuchAsAReplayMayHoldIsNoGap() {
    try (LaneHarness harness =
        new LaneHarness(
            1, LaneHarness.options().maxReplayEvents(3).build(), LaneHarness.memory(1 << 20))) {
      for (int i = 1; i <= 10; i++) {
        harness.publish("a", "event " + i);
      }
      harness.turn();
      Connection connection = harness.connect(0, LaneHarness.id(7), outlet, "a");
      harness.turnUntilLive(connection);
      assertThat(outlet.data()).containsExactly("event 8", "event 9", "event 10");
    }
  }

  @Test
  void aLongIdOfAClientIsCutInTheGap() {
    try (LaneHarness harness = new LaneHarness(1)) {
      Connection connection = harness.connect(0, "z".repeat(5000), outlet, "a");
      harness.turnUntilLive(connection);
      assertThat(outlet.events().get(0).data())
          .contains("\"requested\":\"" + "z".repeat(64) + "\"");
    }
  }

  @Test
  void aGapInTheMiddleOfALongReplayIsToldWhereItIs() {
    try (LaneHarness harness =
        new LaneHarness(1, LaneHarness.options().build(), LaneHarness.memory(512 * 1024))) {
      String large = " ".repeat(20_000);
      int i = 0;
      while (i < 10) {
        harness.publish("a", ++i + large);
        harness.turn();
      }
      outlet.declineAfter(2); // the preamble and a chunk
      Connection connection = harness.connect(0, LaneHarness.id(0), outlet, "a");
      harness.turnUntil(() -> !outlet.isWritable());
      int taken = outlet.data().size();
      while (i < 100) {
        harness.publish("a", ++i + large);
        harness.turn();
      }
      outlet.accept();
      harness.executor(0).runNow(connection::onWritable);
      harness.turnUntilLive(connection);
      StreamChecker checker = new StreamChecker();
      for (int n = 1; n <= i; n++) {
        checker.published(n, "a");
      }
      StreamChecker.Stream stream = checker.stream(java.util.Set.of("a"), 0);
      outlet.events().forEach(event -> stream.sawWire(event));
      stream.endedAt(i);
      assertThat(stream.problems()).isEmpty();
      assertThat(stream.gaps()).isEqualTo(Map.of("expired", 1));
      assertThat(outlet.data().get(taken)).isEqualTo("gap:expired");
    }
  }
}
