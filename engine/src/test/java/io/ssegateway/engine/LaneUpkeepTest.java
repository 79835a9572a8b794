package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.Connection.State;
import io.ssegateway.engine.WireEvents.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Preambles, heartbeats, time-outs and the drain, on a clock that stands still by itself. */
class LaneUpkeepTest {
  private final ScriptedOutlet outlet = new ScriptedOutlet();

  private static LaneHarness harness(int heartbeatMs, int stallTimeoutMs) {
    return new LaneHarness(
        1,
        LaneHarness.options()
            .heartbeatMs(heartbeatMs)
            .stallTimeoutMs(stallTimeoutMs)
            .retryMs(2000)
            .build(),
        LaneHarness.memory(1 << 20));
  }

  @Test
  void aStreamBeginsWithACommentTheTimeToComeBackAndItsPlace() {
    try (LaneHarness harness = harness(0, 60_000)) {
      harness.publish("a", "1");
      harness.turn();
      harness.connect(0, null, outlet, "a");
      Block preamble = outlet.blocks().get(0);
      assertThat(preamble.isEvent()).isFalse();
      assertThat(preamble.comment()).isNotNull();
      assertThat(preamble.id()).isEqualTo(LaneHarness.id(1));
      assertThat(Integer.parseInt(preamble.retry())).isBetween(1000, 3000);
    }
  }

  @Test
  void aResumedStreamDoesNotMoveTheCursorBeforeItsEvents() {
    try (LaneHarness harness = harness(0, 60_000)) {
      harness.publish("a", "1");
      harness.publish("a", "2");
      harness.turn();
      harness.connect(0, LaneHarness.id(1), outlet, "a");
      assertThat(outlet.blocks()).hasSize(1);
      assertThat(outlet.blocks().get(0).id()).isNull();
    }
  }

  @Test
  void clientsAreToldDifferentTimesToComeBack() {
    try (LaneHarness harness = harness(0, 60_000)) {
      List<String> retries = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        ScriptedOutlet each = new ScriptedOutlet();
        harness.connect(0, null, each, "a");
        retries.add(each.blocks().get(0).retry());
      }
      assertThat(retries.stream().distinct().count()).isGreaterThan(10);
    }
  }

  @Test
  void anIdleConnectionGetsHeartbeatsThatMoveItsCursor() {
    try (LaneHarness harness = harness(8000, 60_000)) {
      harness.connect(0, null, outlet, "a");
      harness.publish("b", "of another channel");
      harness.turn();
      harness.executor(0).advance(6900);
      assertThat(outlet.blocks()).hasSize(1);
      harness.executor(0).advance(1200);
      assertThat(outlet.blocks()).hasSize(2);
      Block heartbeat = outlet.blocks().get(1);
      assertThat(heartbeat.isEvent()).isFalse();
      assertThat(heartbeat.comment()).isNotNull();
      assertThat(heartbeat.id()).isEqualTo(LaneHarness.id(1));
      harness.executor(0).advance(16_000);
      assertThat(outlet.blocks()).hasSize(4);
      assertThat(harness.engine.count(Counter.HEARTBEATS)).isEqualTo(3);
    }
  }

  @Test
  void anEventPutsTheHeartbeatOff() {
    try (LaneHarness harness = harness(8000, 60_000)) {
      harness.connect(0, null, outlet, "a");
      for (int i = 0; i < 10; i++) {
        harness.executor(0).advance(4000);
        harness.publish("a", "event");
        harness.turn();
      }
      assertThat(harness.engine.count(Counter.HEARTBEATS)).isZero();
    }
  }

  @Test
  void aHeartbeatThatIsAnEventHasATypeOfItsOwn() {
    try (LaneHarness harness = harness(8000, 60_000)) {
      harness.connect(0, null, outlet, "a").useEventHeartbeat();
      harness.executor(0).advance(8100);
      assertThat(outlet.events()).hasSize(1);
      assertThat(outlet.events().get(0).type()).isEqualTo("heartbeat");
      assertThat(outlet.events().get(0).data()).isEmpty();
    }
  }

  @Test
  void aConnectionThatIsBehindGetsNoHeartbeat() {
    try (LaneHarness harness = harness(8000, 600_000)) {
      Connection connection = harness.connect(0, null, outlet, "a");
      outlet.decline();
      harness.publish("a", "1");
      harness.turn();
      outlet.accept();
      assertThat(connection.state()).isEqualTo(State.REPLAYING);
      harness.executor(0).advance(30_000);
      assertThat(outlet.blocks()).as("its id would pass over event 1").hasSize(1);
    }
  }

  @Test
  void aConnectionWithBytesPendingAndNoProgressIsClosed() {
    try (LaneHarness harness = harness(0, 8000)) {
      Connection stalled = harness.connect(0, null, outlet, "a");
      ScriptedOutlet moving = new ScriptedOutlet();
      Connection slowButMoving = harness.connect(0, null, moving, "a");
      outlet.pending(1000);
      moving.pending(1000);
      for (int i = 0; i < 6; i++) {
        harness.executor(0).advance(1000);
        harness.executor(0).runNow(slowButMoving::onProgress);
      }
      assertThat(stalled.state()).isEqualTo(State.LIVE);
      for (int i = 0; i < 6; i++) {
        harness.executor(0).advance(1000);
        harness.executor(0).runNow(slowButMoving::onProgress);
      }
      assertThat(outlet.closings()).containsExactly(CloseReason.STALLED);
      assertThat(harness.engine.count(Counter.CLOSED_STALLED)).isEqualTo(1);
      assertThat(slowButMoving.state()).isEqualTo(State.LIVE);
      harness.executor(0).advance(20_000);
      assertThat(moving.closings()).containsExactly(CloseReason.STALLED);
    }
  }

  @Test
  void manyStalledConnectionsAreAllFoundInOneScan() {
    try (LaneHarness harness = harness(0, 8000)) {
      List<ScriptedOutlet> outlets = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        ScriptedOutlet each = new ScriptedOutlet();
        harness.connect(0, null, each, i % 2 == 0 ? "even" : "odd");
        each.pending(i % 2);
        outlets.add(each);
      }
      harness.turn();
      harness.executor(0).advance(11_000);
      for (int i = 0; i < 1000; i++) {
        assertThat(outlets.get(i).closings()).hasSize(i % 2);
      }
      assertThat(harness.engine.subscribers().total()).isEqualTo(500);
      assertThat(harness.engine.subscribers().count("odd")).isZero();
      assertThat(harness.engine.subscribers().count("even")).isEqualTo(500);
    }
  }

  /**
   * What PERFORMANCE.md has seen and not explained, as far as it is the engine's: while clients
   * that never read hold up nothing, a fan-out of large frames can keep a batch going for longer
   * than the time-out, and the first look at a healthy connection finds bytes that are milliseconds
   * old.
   */
  @Test
  void oneFanOutThatTakesLongDoesNotCloseHealthyConnections() {
    try (LaneHarness harness = harness(0, 2000)) {
      int count = Lane.SLICE_WRITES + 200;
      List<ScriptedOutlet> healthy = new ArrayList<>();
      List<ScriptedOutlet> deaf = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        ScriptedOutlet each = new ScriptedOutlet();
        harness.connect(0, null, each, "a");
        (i % 2 == 0 ? healthy : deaf).add(each);
      }
      harness.turn();
      harness.executor(0).advance(1000); // everyone was seen without pending bytes
      deaf.forEach(ScriptedOutlet::decline);
      deaf.forEach(each -> each.pending(64 * 1024));
      String frame = "x".repeat(60_000);
      harness.publish("a", frame);
      assertThat(harness.executor(0).step()).isTrue();
      assertThat(harness.lane(0).isBatchActive()).as("the fan-out is under way").isTrue();
      for (int i = 0; i < 12; i++) {
        harness.executor(0).advanceTimers(250); // the timer ticks while slices of the batch remain
      }
      healthy.forEach(each -> each.pending(30_000)); // what the socket has not taken of the frame
      harness.turn();
      harness.executor(0).advance(250);
      healthy.forEach(each -> each.pending(0));
      harness.executor(0).advance(10_000);
      for (ScriptedOutlet each : healthy) {
        assertThat(each.closings()).isEmpty();
        assertThat(each.data()).containsExactly(frame);
      }
      for (ScriptedOutlet each : deaf) {
        assertThat(each.closings()).containsExactly(CloseReason.STALLED);
        assertThat(each.data()).isEmpty();
      }
    }
  }

  @Test
  void aDrainEndsConnectionsEvenlyOverTheSpread() {
    try (LaneHarness harness = harness(0, 60_000)) {
      List<ScriptedOutlet> outlets = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        ScriptedOutlet each = new ScriptedOutlet();
        harness.connect(0, null, each, "a");
        outlets.add(each);
      }
      AtomicBoolean done = new AtomicBoolean();
      harness.lane(0).drain(10_000, () -> done.set(true));
      harness.turn();
      for (int second = 0; second < 9; second++) { // the first at once, the tenth after 9 s
        long ended = outlets.stream().filter(each -> !each.closings().isEmpty()).count();
        assertThat(ended).as("after %d s", second).isEqualTo(second + 1L);
        assertThat(done).isFalse();
        harness.executor(0).advance(1000);
      }
      assertThat(done).isTrue();
      for (ScriptedOutlet each : outlets) {
        assertThat(each.closings()).containsExactly(CloseReason.DRAINED);
        List<Block> blocks = each.blocks();
        assertThat(Integer.parseInt(blocks.get(blocks.size() - 1).retry()))
            .isBetween(1000, 4000 + 10_000);
      }
      assertThat(harness.engine.count(Counter.CLOSED_DRAINED)).isEqualTo(10);
    }
  }

  @Test
  void aDrainLeavesThoseThatAreBehindUntilLast() {
    try (LaneHarness harness = harness(0, 60_000)) {
      Connection slow = harness.connect(0, null, outlet, "a");
      ScriptedOutlet live = new ScriptedOutlet();
      harness.connect(0, null, live, "a");
      outlet.decline();
      harness.publish("a", "1");
      harness.turn();
      AtomicBoolean done = new AtomicBoolean();
      harness.lane(0).drain(1000, () -> done.set(true));
      harness.turn();
      harness.executor(0).advance(600);
      assertThat(live.closings()).containsExactly(CloseReason.DRAINED);
      assertThat(outlet.closings()).isEmpty();
      outlet.accept();
      harness.executor(0).runNow(slow::onWritable);
      harness.turnUntilLive(slow);
      harness.executor(0).advance(600);
      assertThat(done).isTrue();
      assertThat(outlet.data()).containsExactly("1");
      assertThat(outlet.closings()).containsExactly(CloseReason.DRAINED);
    }
  }

  @Test
  void aDrainPassesOverAConnectionThatOwesTooMuchToBeTold() {
    try (LaneHarness harness = harness(0, 60_000)) {
      harness.connect(0, null, outlet, "a");
      outlet.decline();
      AtomicBoolean done = new AtomicBoolean();
      harness.lane(0).drain(1000, () -> done.set(true));
      harness.turn();
      harness.executor(0).advance(500);
      assertThat(outlet.closings()).isEmpty();
      outlet.accept();
      harness.executor(0).advance(100);
      assertThat(done).isTrue();
      assertThat(outlet.closings()).containsExactly(CloseReason.DRAINED);
      List<Block> blocks = outlet.blocks();
      assertThat(blocks.get(blocks.size() - 1).retry()).isNotNull();
    }
  }

  @Test
  void aDrainWithoutASpreadOrConnectionsIsOverAtOnce() {
    try (LaneHarness harness = harness(0, 60_000)) {
      AtomicBoolean empty = new AtomicBoolean();
      harness.lane(0).drain(10_000, () -> empty.set(true));
      harness.turn();
      assertThat(empty).isTrue();
      harness.connect(0, null, outlet, "a");
      AtomicBoolean done = new AtomicBoolean();
      harness.lane(0).drain(0, () -> done.set(true));
      harness.turn();
      assertThat(done).isTrue();
      assertThat(outlet.closings()).containsExactly(CloseReason.DRAINED);
    }
  }

  @Test
  void anExpiredConnectionIsToldSoWithoutMovingItsCursor() {
    try (LaneHarness harness = harness(0, 60_000)) {
      Connection connection = harness.connect(0, null, outlet, "a");
      ScriptedOutlet declining = new ScriptedOutlet();
      Connection slow = harness.connect(0, null, declining, "a");
      declining.decline();
      harness.publish("a", "1");
      harness.turn();
      harness.executor(0).runNow(connection::expire);
      harness.executor(0).runNow(connection::expire);
      harness.executor(0).runNow(slow::expire); // takes nothing, and is closed all the same
      List<Block> blocks = outlet.blocks();
      Block last = blocks.get(blocks.size() - 1);
      assertThat(last.type()).isEqualTo("close");
      assertThat(last.data()).isEqualTo("{\"reason\":\"expired\"}");
      assertThat(last.id()).isNull();
      assertThat(outlet.closings()).containsExactly(CloseReason.EXPIRED);
      assertThat(declining.closings()).containsExactly(CloseReason.EXPIRED);
      assertThat(harness.engine.count(Counter.CLOSED_EXPIRED)).isEqualTo(2);
    }
  }
}
