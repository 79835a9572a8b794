package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ssegateway.engine.Connection.State;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Several lanes, one that lags, and one that joins while the engine runs. */
class LanesTest {
  private final ScriptedOutlet outlet = new ScriptedOutlet();

  @Test
  void onlyLanesWithListenersAreWoken() {
    try (LaneHarness harness = new LaneHarness(2)) {
      harness.turn();
      harness.connect(0, null, outlet, "a");
      harness.turn();
      harness.publish("a", "1");
      await().until(harness.executor(0)::hasTask);
      assertThat(harness.lane(1).routed()).isZero();
      harness.turn();
      assertThat(outlet.data()).containsExactly("1");
      harness.publish(null, "2");
      harness.executor(1).awaitTask(); // a broadcast is everyone's
      harness.turn();
      assertThat(harness.lane(1).routed()).isEqualTo(2);
    }
  }

  @Test
  void aLaneWithoutListenersIsWokenBeforeItHoldsUpTheRing() {
    EngineOptions options = LaneHarness.options().ringSize(16).build();
    try (LaneHarness harness = new LaneHarness(2, options, LaneHarness.memory(1 << 20))) {
      harness.connect(0, null, outlet, "a");
      for (int i = 0; i < 100; i++) {
        harness.publish("a", "event " + i);
        harness.turn();
      }
      assertThat(outlet.data()).hasSize(100);
    }
  }

  @Test
  void aClientThatComesBackOnALaneThatLagsWaitsForItAndSeesNothingTwice() {
    try (LaneHarness harness = new LaneHarness(2)) {
      harness.connect(0, null, outlet, "a");
      ScriptedOutlet other = new ScriptedOutlet();
      harness.connect(1, null, other, "a");
      harness.turn();
      harness.publish("a", "1");
      harness.publish("a", "2");
      harness.executor(0).runAll(); // lane 1 has no turn
      assertThat(outlet.data()).containsExactly("1", "2");
      String lastId = outlet.events().get(1).id();
      ScriptedOutlet back = new ScriptedOutlet();
      Connection connection = harness.connect(1, lastId, back, "a");
      assertThat(connection.state()).isEqualTo(State.REPLAYING);
      harness.executor(1).runNow(connection::onWritable); // must not make it read too early
      assertThat(connection.state()).isEqualTo(State.REPLAYING);
      harness.publish("a", "3");
      harness.turn();
      harness.turnUntilLive(connection);
      harness.publish("a", "4");
      harness.turn();
      assertThat(back.data()).containsExactly("3", "4");
      assertThat(other.data()).containsExactly("1", "2", "3", "4");
    }
  }

  @Test
  void aClientAheadOfItsLaneMayLeaveWhileItWaits() {
    try (LaneHarness harness = new LaneHarness(2)) {
      harness.connect(1, null, new ScriptedOutlet(), "a");
      harness.turn();
      harness.publish("a", "1");
      Connection connection = harness.connect(1, LaneHarness.id(1), outlet, "a");
      harness.executor(1).runNow(() -> connection.close(CloseReason.CLIENT));
      harness.turn();
      harness.publish("a", "2");
      harness.turn();
      assertThat(outlet.data()).isEmpty();
      assertThat(harness.engine.subscribers().count("a")).isEqualTo(1);
    }
  }

  @Test
  void aConnectionOfALaneThatIsStillJoiningLosesNothing() {
    try (LaneHarness harness = new LaneHarness(1)) {
      harness.connect(0, null, new ScriptedOutlet(), "a");
      harness.turn();
      harness.journal.holdCommits();
      assertThat(harness.engine.publisher().publish(Message.of("a", "1")))
          .isEqualTo(PublishResult.PUBLISHED);
      ManualLaneExecutor executor = new ManualLaneExecutor();
      Lane joining = harness.engine.addLane(executor); // behind event 1, which is not journalled
      Connection[] connection = new Connection[1];
      executor.execute(() -> connection[0] = joining.connect(List.of("a"), null, outlet));
      executor.runAll();
      assertThat(outlet.blocks().get(0).id()).isEqualTo(LaneHarness.id(0));
      harness.journal.release();
      harness.awaitVisible();
      harness.publish("a", "2");
      executor.advance(10);
      harness.turn();
      await()
          .pollInterval(Duration.ofMillis(1))
          .until(
              () -> {
                executor.runAll();
                return connection[0].state() == State.LIVE && outlet.data().size() >= 2;
              });
      assertThat(outlet.data()).containsExactly("1", "2");
      leave(executor, connection[0]);
      close(harness, executor);
    }
  }

  @Test
  void aLaneThatJoinedBehindEventsInTheRingDoesNotShowThemToNewConnections() {
    try (LaneHarness harness = new LaneHarness(1)) {
      ManualLaneExecutor executor = new ManualLaneExecutor();
      Lane joining = harness.engine.addLane(executor);
      harness.publish("a", "1");
      harness.publish("b", "2");
      harness.turn();
      executor.step(); // joins: both events are behind its gate, but journalled already
      Connection[] connection = new Connection[1];
      executor.runNow(() -> connection[0] = joining.connect(List.of("a", "b"), null, outlet));
      assertThat(outlet.blocks().get(0).id()).isEqualTo(LaneHarness.id(2));
      harness.publish("a", "3");
      harness.publish("b", "4");
      executor.runAll();
      assertThat(outlet.data()).containsExactly("3", "4");
      leave(executor, connection[0]);
      close(harness, executor);
    }
  }

  private static void leave(ManualLaneExecutor executor, Connection connection) {
    executor.runNow(() -> connection.close(CloseReason.CLIENT));
  }

  /** Closes the harness while the extra lane has its turns too. */
  private static void close(LaneHarness harness, ManualLaneExecutor executor) {
    Thread turns =
        new Thread(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                executor.runAll();
                Thread.onSpinWait();
              }
            });
    turns.setDaemon(true);
    turns.start();
    harness.close();
    turns.interrupt();
  }

  @Test
  void thereIsABoundForLanes() {
    try (LaneHarness harness = new LaneHarness(64)) {
      assertThatThrownBy(() -> harness.engine.addLane(new ManualLaneExecutor()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("lanes: 65 (expected: at most 64)");
    }
  }
}
