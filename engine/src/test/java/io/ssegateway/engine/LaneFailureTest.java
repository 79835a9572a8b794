package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.Connection.State;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Outlets that throw, although they must not: their connection ends, and nothing else. */
class LaneFailureTest {
  private final ScriptedOutlet bad = new ScriptedOutlet();
  private final ScriptedOutlet good = new ScriptedOutlet();

  private static LaneHarness harness() {
    return new LaneHarness(
        1,
        LaneHarness.options().heartbeatMs(8000).stallTimeoutMs(60_000).build(),
        LaneHarness.memory(1 << 20));
  }

  private void assertContained(LaneHarness harness, Connection connection) {
    assertThat(connection.state()).isEqualTo(State.CLOSED);
    assertThat(bad.closings()).containsExactly(CloseReason.ERROR);
    assertThat(harness.engine.count(Counter.CLOSED_BY_ERROR)).isEqualTo(1);
    assertThat(harness.engine.count(Counter.CONTAINED_FAILURES)).isPositive();
    harness.publish("a", "later");
    harness.turn();
    assertThat(good.data()).endsWith("later");
    assertThat(harness.engine.subscribers().count("a")).isEqualTo(1);
  }

  @Test
  void anOutletThatThrowsInTheFanOutStopsNobodyElse() {
    try (LaneHarness harness = harness()) {
      Connection connection = harness.connect(0, null, bad, "a");
      harness.connect(0, null, good, "a");
      bad.throwFromNowOn();
      harness.publish("a", "1");
      harness.turn();
      assertContained(harness, connection);
      assertThat(good.data()).containsExactly("1", "later");
    }
  }

  @Test
  void anOutletThatThrowsWhenItIsHandedAReplayStopsNobodyElse() {
    try (LaneHarness harness = harness()) {
      harness.connect(0, null, good, "a");
      harness.publish("a", "1");
      harness.turn();
      Connection connection = harness.connect(0, LaneHarness.id(0), bad, "a");
      bad.throwFromNowOn();
      harness.turnUntil(() -> connection.state() == State.CLOSED);
      assertContained(harness, connection);
    }
  }

  @Test
  void anOutletThatThrowsAtAHeartbeatStopsNobodyElse() {
    try (LaneHarness harness = harness()) {
      Connection connection = harness.connect(0, null, bad, "a");
      harness.connect(0, null, good, "a");
      bad.throwFromNowOn();
      harness.executor(0).advance(10_000);
      assertThat(harness.engine.count(Counter.HEARTBEATS)).isEqualTo(1);
      assertContained(harness, connection);
    }
  }

  @Test
  void anOutletThatThrowsAtItsFarewellDoesNotStopTheDrain() {
    try (LaneHarness harness = harness()) {
      harness.connect(0, null, bad, "a");
      harness.connect(0, null, good, "a");
      bad.throwFromNowOn();
      boolean[] done = {false};
      harness.lane(0).drain(0, () -> done[0] = true);
      harness.turn();
      assertThat(done[0]).isTrue();
      assertThat(good.closings()).containsExactly(CloseReason.DRAINED);
      assertThat(harness.engine.subscribers().total()).isZero();
    }
  }

  @Test
  void anOutletThatThrowsAtItsPreambleIsNotConnected() {
    try (LaneHarness harness = harness()) {
      harness.connect(0, null, good, "a");
      bad.throwFromNowOn();
      Connection connection = harness.connect(0, null, bad, "a");
      harness.turn();
      assertContained(harness, connection);
    }
  }

  @Test
  void aClosedLaneTakesNoConnection() {
    LaneHarness harness = harness();
    harness.close();
    assertThatThrownBy(() -> harness.lane(0).connect(List.of("a"), null, bad))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the engine is closed");
  }
}
