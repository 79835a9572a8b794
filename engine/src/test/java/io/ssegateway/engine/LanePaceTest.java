package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a lane's time is shared between live events and those who come. */
class LanePaceTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LENT_MS = LanePace.LENT_NS / MS;
  private static final long LIVE_MS = LanePace.LIVE_NS / MS;

  private final ManualLaneExecutor executor = new ManualLaneExecutor();
  private final LanePace pace = new LanePace(executor);

  @Test
  void nobodyWaitsWhereNothingIsDelivered() {
    work(50);
    assertThat(pace.waitNs()).isLessThanOrEqualTo(0);
  }

  @Test
  void whatWasUsedIsPaidBackWhileEventsAreDelivered() {
    deliver();
    work(5);
    long owedMs = (LanePace.SHARE - 1) * 5 - LENT_MS;
    assertThat(pace.waitNs()).isEqualTo(owedMs * MS);
    executor.advance(owedMs - 1);
    assertThat(pace.waitNs()).isEqualTo(MS);
    executor.advance(1);
    assertThat(pace.waitNs()).isZero();
  }

  @Test
  void aLittleIsLentButNotSavedUp() {
    executor.advance(10_000);
    deliver();
    work(1);
    assertThat(pace.waitNs()).isEqualTo((LanePace.SHARE - 1 - LENT_MS) * MS);
    work(1);
    assertThat(pace.waitNs()).isEqualTo((2 * (LanePace.SHARE - 1) - LENT_MS) * MS);
  }

  @Test
  void theWaitIsOverWhenNoMoreEventsCome() {
    deliver();
    work(50);
    assertThat(pace.waitNs()).isEqualTo((LIVE_MS - 50) * MS);
    executor.advance(LIVE_MS - 50);
    assertThat(pace.waitNs()).isZero();
    deliver();
    assertThat(pace.waitNs()).isEqualTo(LIVE_MS * MS);
  }

  @Test
  void aLaneIsPacedFromTheFirstLiveEventOn() {
    try (LaneHarness harness = new LaneHarness(1)) {
      Lane lane = harness.lane(0);
      lane.pace().spentSince(harness.executor(0).nanoTime() - 50 * MS);
      harness.connect(0, null, new ScriptedOutlet(), "a");
      harness.publish("b", "for nobody");
      harness.turn();
      assertThat(lane.pace().waitNs()).isLessThanOrEqualTo(0);
      harness.publish("a", "event");
      harness.turn();
      assertThat(lane.pace().waitNs()).isPositive();
    }
  }

  private void deliver() {
    pace.delivered(executor.nanoTime());
  }

  private void work(long ms) {
    long began = executor.nanoTime();
    executor.advance(ms);
    pace.spentSince(began);
  }
}
