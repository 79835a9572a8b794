package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.Connection.State;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets what of a batch, in which order, and what may happen in the middle of one. */
class LaneBatchTest {
  /** More than a lane writes in one turn. */
  private static final int MANY = 2 * Lane.SLICE_WRITES + 88;

  private final LaneHarness harness = new LaneHarness(1);

  @AfterEach
  void close() {
    harness.close();
  }

  private List<ScriptedOutlet> connectMany(String... channels) {
    List<ScriptedOutlet> outlets = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      ScriptedOutlet outlet = new ScriptedOutlet();
      harness.connect(0, null, outlet, channels);
      outlets.add(outlet);
    }
    harness.turn();
    return outlets;
  }

  private static Message to(String channel, String data) {
    return Message.builder().channel(channel).data(data).build();
  }

  @Test
  void connectionsOfSeveralChannelsSeeTheOneOrder() {
    ScriptedOutlet ab = new ScriptedOutlet();
    ScriptedOutlet bc = new ScriptedOutlet();
    ScriptedOutlet a = new ScriptedOutlet();
    harness.connect(0, null, ab, "a", "b");
    harness.connect(0, null, bc, "b", "c");
    harness.connect(0, null, a, "a");
    harness.publishAll(
        List.of(
            to("a", "1"),
            to("b", "2"),
            to("c", "3"),
            to("a", "4"),
            to(null, "5"),
            to("b", "6"),
            to("a", "7"),
            to(null, "8"),
            to(null, "9"),
            to("c", "10")));
    harness.turn();
    assertThat(ab.data()).containsExactly("1", "2", "4", "5", "6", "7", "8", "9");
    assertThat(bc.data()).containsExactly("2", "3", "5", "6", "8", "9", "10");
    assertThat(a.data()).containsExactly("1", "4", "5", "7", "8", "9");
  }

  @Test
  void aBatchOfAChannelIsOneWriteForEachConnection() {
    ScriptedOutlet outlet = new ScriptedOutlet();
    harness.connect(0, null, outlet, "a");
    int before = outlet.offers;
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      messages.add(to("a", "event " + i));
    }
    harness.publishAll(messages);
    harness.turn();
    assertThat(outlet.data()).hasSize(100);
    assertThat(outlet.offers - before).isEqualTo(1);
  }

  @Test
  void largeEventsAreWrittenOneByOneAndSmallOnesGatheredAroundThem() {
    ScriptedOutlet outlet = new ScriptedOutlet();
    ScriptedOutlet both = new ScriptedOutlet();
    harness.connect(0, null, outlet, "a");
    harness.connect(0, null, both, "a", "b");
    String large = "x".repeat(70_000);
    String half = "y".repeat(40_000);
    List<String> expected = List.of("1", "2", large, "3", half, half, "4", "5", large, large);
    harness.publishAll(expected.stream().map(data -> to("a", data)).toList());
    harness.publish("b", "6");
    harness.turn();
    assertThat(outlet.data()).isEqualTo(expected);
    assertThat(both.data()).hasSize(11).startsWith("1", "2", large).endsWith("6");
  }

  @Test
  void oneBatchServesMoreChannelsThanACacheHolds() {
    int channels = 10_100;
    List<ScriptedOutlet> outlets = new ArrayList<>();
    for (int i = 0; i < channels; i++) {
      ScriptedOutlet outlet = new ScriptedOutlet();
      harness.connect(0, null, outlet, "c" + i);
      outlets.add(outlet);
    }
    ScriptedOutlet ofTwo = new ScriptedOutlet();
    harness.connect(0, null, ofTwo, "c0", "of two only");
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      messages.add(to("c" + i * 25, "event " + i));
    }
    messages.add(to("nobody's", "lost"));
    messages.add(to("of two only", "another"));
    messages.add(to("c25", "last"));
    harness.publishAll(messages);
    harness.turn();
    for (int i = 0; i < channels; i++) {
      boolean addressed = i % 25 == 0 && i / 25 < 300;
      List<String> expected = addressed ? List.of("event " + i / 25) : List.of();
      assertThat(outlets.get(i).data()).isEqualTo(i == 25 ? List.of("event 1", "last") : expected);
    }
    assertThat(ofTwo.data()).containsExactly("event 0", "another");
    harness.publish(null, "for all");
    harness.turn();
    assertThat(outlets).allMatch(outlet -> outlet.data().contains("for all"));
    assertThat(ofTwo.data()).endsWith("for all");
  }

  @Test
  void aLargeFanOutLetsOtherWorkHaveItsTurn() {
    List<ScriptedOutlet> outlets = connectMany("a");
    harness.publish("a", "1");
    assertThat(harness.executor(0).step()).isTrue();
    assertThat(served(outlets)).isEqualTo(Lane.SLICE_WRITES);
    boolean[] hadItsTurn = {false};
    harness.executor(0).execute(() -> hadItsTurn[0] = served(outlets) == Lane.SLICE_WRITES);
    harness.turn();
    assertThat(hadItsTurn[0]).isTrue();
    assertThat(served(outlets)).isEqualTo(MANY);
  }

  private static int served(List<ScriptedOutlet> outlets) {
    int served = 0;
    for (ScriptedOutlet outlet : outlets) {
      served += outlet.data().isEmpty() ? 0 : 1;
    }
    return served;
  }

  @Test
  void aConnectionThatJoinsInTheMiddleOfABatchStartsBehindIt() {
    connectMany("a");
    harness.publish("a", "1");
    assertThat(harness.executor(0).step()).isTrue();
    assertThat(harness.lane(0).isBatchActive()).isTrue();
    ScriptedOutlet late = new ScriptedOutlet();
    ScriptedOutlet lateOfTwo = new ScriptedOutlet();
    Connection connection = harness.connect(0, null, late, "a");
    harness.connect(0, null, lateOfTwo, "a", "b");
    assertThat(late.blocks().get(0).id()).isEqualTo(LaneHarness.id(1));
    harness.publish("a", "2");
    harness.publish("b", "3");
    harness.turn();
    assertThat(late.data()).containsExactly("2");
    assertThat(lateOfTwo.data()).containsExactly("2", "3");
    assertThat(connection.state()).isEqualTo(State.LIVE);
  }

  @Test
  void aConnectionThatComesBackInTheMiddleOfABatchGetsItOutOfTheJournal() {
    connectMany("a");
    harness.publish("a", "1");
    harness.turn();
    harness.publish("a", "2");
    harness.executor(0).step();
    assertThat(harness.lane(0).isBatchActive()).isTrue();
    ScriptedOutlet back = new ScriptedOutlet();
    Connection connection = harness.connect(0, LaneHarness.id(1), back, "a");
    harness.turnUntilLive(connection);
    harness.publish("a", "3");
    harness.turn();
    assertThat(back.data()).containsExactly("2", "3");
  }

  @Test
  void connectionsThatLeaveInTheMiddleOfABatchTakeNobodyWithThem() {
    List<Connection> connections = new ArrayList<>();
    List<ScriptedOutlet> outlets = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      ScriptedOutlet outlet = new ScriptedOutlet();
      outlets.add(outlet);
      connections.add(
          i % 3 == 0
              ? harness.connect(0, null, outlet, "a", "b")
              : harness.connect(0, null, outlet, "a"));
    }
    harness.turn();
    harness.publishAll(List.of(to("a", "1"), to("b", "2"), to("a", "3")));
    harness.executor(0).step();
    assertThat(harness.lane(0).isBatchActive()).isTrue();
    for (int i = 0; i < MANY; i += 2) {
      Connection connection = connections.get(i);
      harness.executor(0).runNow(() -> connection.onClosed(CloseReason.CLIENT));
    }
    harness.turn();
    harness.publish("a", "4");
    harness.turn();
    for (int i = 0; i < MANY; i++) {
      List<String> all = i % 3 == 0 ? List.of("1", "2", "3", "4") : List.of("1", "3", "4");
      if (i % 2 == 1) {
        assertThat(outlets.get(i).data()).as("connection %d", i).isEqualTo(all);
      } else {
        List<String> data = outlets.get(i).data();
        assertThat(data).as("connection %d", i).isEqualTo(all.subList(0, data.size()));
        assertThat(data).doesNotContain("4");
      }
    }
    assertThat(harness.engine.subscribers().total()).isEqualTo(MANY / 2);
    assertThat(harness.engine.subscribers().count("a")).isEqualTo(MANY / 2);
  }

  @Test
  void aConnectionThatDeclinesTheSecondWriteOfABatchReadsOnBehindTheFirst() {
    ScriptedOutlet outlet = new ScriptedOutlet();
    Connection connection = harness.connect(0, null, outlet, "a");
    String large = "x".repeat(70_000);
    outlet.declineAfter(1);
    harness.publishAll(List.of(to("a", "1" + large), to("a", "2" + large), to("a", "3")));
    harness.turn();
    assertThat(outlet.data()).containsExactly("1" + large);
    assertThat(connection.position()).isEqualTo(1);
    outlet.accept();
    harness.executor(0).runNow(connection::onWritable);
    harness.turnUntilLive(connection);
    assertThat(outlet.data()).containsExactly("1" + large, "2" + large, "3");
  }

  @Test
  void aConnectionThatCanReadAgainInTheMiddleOfTheBatchItDeclinedGetsNothingTwice() {
    ScriptedOutlet slow = new ScriptedOutlet();
    Connection connection = harness.connect(0, null, slow, "a", "b");
    connectMany("a");
    connectMany("b");
    slow.decline();
    harness.publishAll(List.of(to("a", "1"), to("b", "2"), to("a", "3")));
    harness.executor(0).step();
    assertThat(harness.lane(0).isBatchActive()).isTrue();
    slow.accept();
    harness.executor(0).runNow(connection::onWritable);
    harness.turn();
    harness.turnUntilLive(connection);
    harness.publish("b", "4");
    harness.turn();
    assertThat(slow.data()).containsExactly("1", "2", "3", "4");
  }

  @Test
  void eventsWithoutAListenerHereMoveTheLaneOn() {
    ScriptedOutlet outlet = new ScriptedOutlet();
    Connection connection = harness.connect(0, null, outlet, "a");
    harness.publish("b", "1");
    harness.publish("c", "2");
    harness.turn();
    assertThat(harness.lane(0).routed()).isEqualTo(2);
    assertThat(connection.position()).isLessThan(2);
    assertThat(outlet.data()).isEmpty();
    outlet.decline();
    harness.publish("a", "3");
    harness.turn();
    assertThat(connection.position()).as("it does not read again what is not its own").isEqualTo(2);
  }

  @Test
  void connectionsOfManySharedChannelsDoNotMakeABatchGrowWithoutBound() {
    for (int i = 0; i < MANY; i++) {
      harness.connect(0, null, new ScriptedOutlet(), "a", "b");
    }
    harness.turn();
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      messages.add(to(i % 2 == 0 ? "a" : "b", "event " + i));
    }
    harness.publishAll(messages);
    harness.turn();
    assertThat(harness.lane(0).routed()).isEqualTo(400);
    assertThat(harness.engine.count(Counter.DELIVERED)).isEqualTo(400L * MANY);
    assertThat(harness.lane(0).batchNodes()).isLessThanOrEqualTo(128 * 1024);
  }

  @Test
  void theEngineClosesInTheMiddleOfABatch() {
    List<ScriptedOutlet> outlets = connectMany("a");
    harness.publish("a", "1");
    harness.executor(0).step();
    assertThat(harness.lane(0).isBatchActive()).isTrue();
    harness.close();
    for (ScriptedOutlet outlet : outlets) {
      assertThat(outlet.closings()).containsExactly(CloseReason.SERVER);
    }
    assertThat(harness.engine.subscribers().total()).isZero();
    assertThat(harness.engine.subscribers().channels()).isEmpty();
  }

  @Test
  void aBusyLaneWaitsForMoreButNotForMoreThanABatchHolds() {
    ManualLaneExecutor executor = harness.executor(0);
    int[] offers = {0};
    Outlet slow =
        new Outlet() {
          @Override
          public boolean offer(DirectBuffer buffer, int offset, int length) {
            offers[0]++;
            executor.advanceTimers(10);
            return true;
          }

          @Override
          public boolean isWritable() {
            return true;
          }

          @Override
          public int pendingBytes() {
            return 0;
          }

          @Override
          public void close(CloseReason reason) {}
        };
    harness.connect(0, null, slow, "a");
    harness.turn();
    int before;
    int published = 0;
    do {
      before = offers[0];
      harness.publish("a", "one by one");
      harness.turn();
    } while (offers[0] > before && ++published < 100);
    assertThat(offers[0]).as("offers while the lane waits").isEqualTo(before);

    List<Message> full = new ArrayList<>();
    for (int i = 0; i < harness.engine.publisher().maxBatch(); i++) {
      full.add(to("a", "event " + i));
    }
    harness.publishAll(full);
    harness.turn();
    assertThat(offers[0]).isGreaterThan(before);
  }
}
