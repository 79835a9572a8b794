package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.Connection.State;
import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.engine.journal.NoJournal;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** REPLAYING → LIVE → REPLAYING (slow) → CLOSED, step by step. */
class LaneStateTest {
  private final LaneHarness harness = new LaneHarness(1);
  private final ScriptedOutlet outlet = new ScriptedOutlet();

  @AfterEach
  void close() {
    harness.close();
  }

  @Test
  void aConnectionWithoutAnIdIsLiveAtOnceAndGetsWhatFollows() {
    harness.publish("a", "before");
    harness.turn();
    Connection connection = harness.connect(0, null, outlet, "a");
    assertThat(connection.state()).isEqualTo(State.LIVE);
    harness.publish("a", "first");
    harness.publish("b", "of another channel");
    harness.publish("a", "second");
    harness.turn();
    assertThat(outlet.data()).containsExactly("first", "second");
    assertThat(outlet.events().get(1).id()).isEqualTo(LaneHarness.id(4));
    assertThat(connection.position()).isEqualTo(4);
  }

  @Test
  void aConnectionWithAnIdReadsTheJournalAndThenGoesLive() {
    harness.publish("a", "1");
    harness.publish("b", "2");
    harness.publish("a", "3");
    harness.publish("a", "4");
    harness.turn();
    Connection connection = harness.connect(0, LaneHarness.id(1), outlet, "a");
    assertThat(connection.state()).isEqualTo(State.REPLAYING);
    harness.turnUntilLive(connection);
    harness.publish("a", "5");
    harness.turn();
    assertThat(outlet.data()).containsExactly("3", "4", "5");
    assertThat(harness.engine.count(Counter.REPLAYED)).isEqualTo(2);
    assertThat(harness.engine.count(Counter.DELIVERED)).isEqualTo(1);
  }

  @Test
  void aConnectionThatMissedNothingIsLiveWithoutAReplay() {
    long position = harness.publish("a", "1");
    harness.turn();
    Connection connection = harness.connect(0, LaneHarness.id(position), outlet, "a");
    assertThat(connection.state()).isEqualTo(State.LIVE);
    assertThat(harness.engine.count(Counter.REPLAYS)).isZero();
  }

  @Test
  void whatIsPublishedWhileTheJournalIsReadIsNeitherLostNorDoubled() {
    harness.publish("a", "1");
    harness.publish("a", "2");
    harness.turn();
    harness.journal.holdReads();
    Connection connection = harness.connect(0, LaneHarness.id(1), outlet, "a");
    harness.publish("a", "3"); // routed past the connection, which still reads
    harness.turn();
    harness.journal.allowRead();
    harness.executor(0).awaitTask();
    harness.turn();
    assertThat(connection.state()).as("has to read event 3 as well").isEqualTo(State.REPLAYING);
    harness.publish("a", "4");
    harness.turn();
    harness.journal.release();
    harness.turnUntilLive(connection);
    harness.publish("a", "5");
    harness.turn();
    assertThat(outlet.data()).containsExactly("2", "3", "4", "5");
  }

  @Test
  void aConnectionThatDeclinesFallsBackToTheJournalAndReturnsByItself() {
    ScriptedOutlet healthy = new ScriptedOutlet();
    Connection slow = harness.connect(0, null, outlet, "a");
    harness.connect(0, null, healthy, "a");
    outlet.decline();
    harness.publish("a", "1");
    harness.turn();
    harness.publish("a", "2");
    harness.turn();
    assertThat(slow.state()).isEqualTo(State.REPLAYING);
    assertThat(harness.engine.count(Counter.SLOW_TRANSITIONS)).isEqualTo(1);
    assertThat(healthy.data()).as("nobody else waits").containsExactly("1", "2");
    assertThat(harness.engine.count(Counter.REPLAYS)).as("it reads only what it can take").isZero();
    outlet.accept();
    harness.executor(0).runNow(slow::onWritable);
    harness.turnUntilLive(slow);
    harness.publish("a", "3");
    harness.turn();
    assertThat(outlet.data()).containsExactly("1", "2", "3");
  }

  @Test
  void aConnectionThatDeclinesWhileItReplaysReadsTheChunkAgain() {
    harness.publish("a", "1");
    harness.publish("a", "2");
    harness.turn();
    outlet.declineAfter(1); // the preamble
    Connection connection = harness.connect(0, LaneHarness.id(0), outlet, "a");
    harness.turnUntil(() -> !outlet.isWritable());
    assertThat(connection.state()).isEqualTo(State.REPLAYING);
    assertThat(connection.position()).isZero();
    outlet.accept();
    harness.executor(0).runNow(connection::onWritable);
    harness.turnUntilLive(connection);
    assertThat(outlet.data()).containsExactly("1", "2");
  }

  @Test
  void aLongReplayGoesChunkByChunkAndOnlyWhileTheOutletIsWritable() {
    String large = "x".repeat(20_000);
    for (int i = 0; i < 20; i++) {
      harness.publish("a", i + large);
      harness.turn();
    }
    outlet.declineAfter(3); // the preamble and two chunks
    Connection connection = harness.connect(0, LaneHarness.id(0), outlet, "a");
    harness.turnUntil(() -> !outlet.isWritable());
    assertThat(outlet.data().size()).isBetween(4, 6);
    assertThat(connection.state()).isEqualTo(State.REPLAYING);
    outlet.accept();
    harness.executor(0).runNow(connection::onWritable);
    harness.turnUntilLive(connection);
    assertThat(outlet.largestOffer).isLessThanOrEqualTo(ReplayChunk.CAPACITY);
    assertThat(outlet.data()).hasSize(20);
    for (int i = 0; i < 20; i++) {
      assertThat(outlet.data().get(i)).isEqualTo(i + large);
    }
  }

  @Test
  void aReplayThatComesBackToAClosedConnectionIsDropped() {
    harness.publish("a", "1");
    harness.turn();
    harness.journal.holdReads();
    Connection connection = harness.connect(0, LaneHarness.id(0), outlet, "a");
    harness.executor(0).runNow(() -> connection.close(CloseReason.CLIENT));
    harness.turn();
    harness.journal.release();
    harness.executor(0).awaitTask();
    harness.turn();
    assertThat(outlet.data()).isEmpty();
    assertThat(connection.state()).isEqualTo(State.CLOSED);
    assertThat(outlet.closings()).containsExactly(CloseReason.CLIENT);
    assertThat(harness.engine.subscribers().total()).isZero();
    assertThat(harness.engine.subscribers().channelCount()).isZero();
  }

  @Test
  void aConnectionIsClosedOnceHoweverOftenItIsTold() {
    Connection connection = harness.connect(0, null, outlet, "a", "b");
    harness
        .executor(0)
        .runNow(
            () -> {
              connection.onClosed(CloseReason.PEER_DEAD);
              connection.close(CloseReason.SERVER);
              connection.onClosed(CloseReason.CLIENT);
            });
    harness.turn();
    assertThat(harness.engine.count(Counter.CLOSED_PEER_DEAD)).isEqualTo(1);
    assertThat(harness.engine.count(Counter.CLOSED_BY_SERVER)).isZero();
    assertThat(harness.engine.count(Counter.CLOSED_BY_CLIENT)).isZero();
    assertThat(outlet.closings()).as("it ended by itself").isEmpty();
    assertThat(harness.engine.subscribers().channels()).isEmpty();
  }

  @Test
  void aJournalThatCannotBeReadEndsTheConnectionAndNothingElse() {
    harness.publish("a", "1");
    harness.turn();
    harness.journal.failRead = new JournalException("scripted", null);
    ScriptedOutlet healthy = new ScriptedOutlet();
    harness.connect(0, null, healthy, "a");
    Connection connection = harness.connect(0, LaneHarness.id(0), outlet, "a");
    harness.turnUntil(() -> connection.state() == State.CLOSED);
    assertThat(outlet.closings()).containsExactly(CloseReason.ERROR);
    assertThat(harness.engine.count(Counter.CONTAINED_FAILURES)).isEqualTo(1);
    harness.publish("a", "2");
    harness.turn();
    assertThat(healthy.data()).containsExactly("2");
  }

  @Test
  void aSlowConnectionWithoutAJournalIsToldOfTheGap() {
    try (LaneHarness bare = new LaneHarness(1, LaneHarness.options().build(), new NoJournal())) {
      Connection connection = bare.connect(0, null, outlet, "a");
      outlet.decline();
      bare.publish("a", "lost");
      bare.turn();
      outlet.accept();
      bare.executor(0).runNow(connection::onWritable);
      bare.turnUntilLive(connection);
      bare.publish("a", "next");
      bare.turn();
      assertThat(outlet.data()).containsExactly("gap:expired", "next");
    }
  }

  @Test
  void connectingWithoutAChannelOrWithABadNameLeavesNothingBehind() {
    assertThatThrownBy(() -> harness.lane(0).connect(List.of(), null, outlet))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("channels: none (expected: at least one)");
    assertThatThrownBy(() -> harness.lane(0).connect(List.of("a", "b\n"), null, outlet))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("U+000A at index 1");
    assertThat(harness.engine.subscribers().total()).isZero();
    assertThat(harness.engine.subscribers().channelCount()).isZero();
    assertThat(outlet.blocks()).isEmpty();
  }

  @Test
  void aChannelNamedTwiceIsHeardOnce() {
    harness.connect(0, null, outlet, "a", "a");
    harness.publish("a", "1");
    harness.turn();
    assertThat(outlet.data()).containsExactly("1");
    assertThat(harness.engine.subscribers().count("a")).isEqualTo(1);
  }
}
