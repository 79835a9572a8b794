package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.Connection.State;
import io.ssegateway.engine.ConnectionQuery.Order;
import io.ssegateway.engine.ConnectionQuery.States;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What an operator is told of connections, and that no lane is held up by it. */
class ConnectionSearchTest {
  private static ConnectionQuery query(String channel, String text, States states, Order order) {
    return new ConnectionQuery(channel, text, states, order, 0, 100);
  }

  private static ConnectionPage search(LaneHarness harness, ConnectionQuery query) {
    CompletableFuture<ConnectionPage> page = harness.engine.connections(query);
    harness.turn();
    harness.turn(); // from the last lane back to the first, which describes its own
    harness.turn();
    assertThat(page).isCompleted();
    return page.join();
  }

  private static List<Long> ids(ConnectionPage page) {
    return page.rows().stream().map(ConnectionInfo::id).toList();
  }

  @Test
  void connectionsAreFoundByChannelTextAndState() {
    try (LaneHarness harness = new LaneHarness(2)) {
      harness.connect(0, null, new ScriptedOutlet(), "news.sport");
      harness.connect(1, null, new ScriptedOutlet(), "news.art", "quiet");
      harness.connect(1, "nonsense", new ScriptedOutlet(), "quiet");
      Connection slow = harness.connect(0, null, new ScriptedOutlet(), "quiet");
      harness.executor(0).runNow(() -> slow.state = State.REPLAYING);

      assertThat(ids(search(harness, query(null, null, States.ANY, Order.OLDEST))))
          .containsExactly(1L, 2L, 3L, 4L);
      assertThat(ids(search(harness, query("quiet", null, States.ANY, Order.OLDEST))))
          .containsExactly(2L, 3L, 4L);
      assertThat(ids(search(harness, query(null, "news.", States.ANY, Order.NEWEST))))
          .containsExactly(2L, 1L);
      assertThat(ids(search(harness, query("quiet", null, States.REPLAYING, Order.OLDEST))))
          .contains(4L);
      assertThat(ids(search(harness, query("nobody", null, States.ANY, Order.OLDEST)))).isEmpty();
      ConnectionInfo row =
          search(harness, query("quiet", "art", States.ANY, Order.PLACE)).rows().get(0);
      assertThat(row.channels()).containsExactly("news.art", "quiet");
      assertThat(row.lastEventId()).isEqualTo(LaneHarness.id(0));
    }
  }

  @Test
  void aPageIsCutOutOfWhatMatchesAndTellsHowManyThereAre() {
    try (LaneHarness harness = new LaneHarness(2)) {
      for (int i = 0; i < 1000; i++) {
        harness.connect(i % 2, null, new ScriptedOutlet(), i % 10 == 0 ? "ten" : "other");
      }
      List<Long> all = new ArrayList<>();
      for (int offset = 0; offset < 100; offset += 30) {
        ConnectionPage page =
            search(harness, new ConnectionQuery("ten", null, States.ANY, Order.OLDEST, offset, 30));
        assertThat(page.matched()).isEqualTo(100);
        all.addAll(ids(page));
      }
      assertThat(all).hasSize(100).doesNotHaveDuplicates().isSorted();

      List<Long> byPlace = new ArrayList<>();
      for (int offset = 0; offset < 1000; offset += 300) {
        byPlace.addAll(ids(search(harness, ConnectionQuery.page(offset, 300))));
      }
      assertThat(byPlace).hasSize(1000).doesNotHaveDuplicates();
    }
  }

  @Test
  void thoseThatOweTheMostAndThoseThatAreBehindForLongestComeFirst() {
    try (LaneHarness harness = new LaneHarness(1)) {
      ManualLaneExecutor executor = harness.executor(0);
      List<Connection> connections = new ArrayList<>();
      for (int pending : new int[] {5, 50, 0, 500}) {
        ScriptedOutlet outlet = new ScriptedOutlet();
        connections.add(harness.connect(0, null, outlet, "a"));
        outlet.pending(pending);
      }
      executor.runNow(() -> connections.get(2).state = State.REPLAYING);
      executor.advance(5_000);

      assertThat(ids(search(harness, query(null, null, States.ANY, Order.PENDING))))
          .containsExactly(4L, 2L, 1L, 3L);
      ConnectionInfo behind =
          search(harness, query(null, null, States.ANY, Order.BEHIND)).rows().get(0);
      assertThat(behind.id()).isEqualTo(3);
      assertThat(behind.behindMs()).isBetween(4_000L, 5_000L);
      ConnectionInfo owing =
          search(harness, query(null, null, States.ANY, Order.PENDING)).rows().get(0);
      assertThat(owing.pendingBytes()).isEqualTo(500);
      assertThat(owing.stalledMs()).isBetween(4_000L, 5_000L);
      assertThat(harness.engine.replaying()).isEqualTo(1);
      assertThat(harness.engine.pendingConnections()).isEqualTo(3);
      assertThat(harness.engine.pendingBytes()).isEqualTo(555);
    }
  }

  @Test
  void aLaneLooksAtASliceInATurnAndRoutesInBetween() {
    try (LaneHarness harness = new LaneHarness(1)) {
      int count = ConnectionSearch.SLICE * 3;
      List<ScriptedOutlet> outlets = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        ScriptedOutlet outlet = new ScriptedOutlet();
        outlets.add(outlet);
        harness.connect(0, null, outlet, "a");
      }
      harness.turn();
      CompletableFuture<ConnectionPage> page =
          harness.engine.connections(query(null, "none has this", States.ANY, Order.PLACE));
      harness.executor(0).step(); // the first slice
      harness.publish("a", "in between");
      int turns = 1;
      while (!page.isDone()) {
        assertThat(harness.executor(0).step()).isTrue();
        turns++;
      }
      assertThat(turns).isGreaterThanOrEqualTo(4); // three slices, and the event
      assertThat(outlets.get(count - 1).data()).containsExactly("in between");
      assertThat(page.join().matched()).isZero();
    }
  }

  @Test
  void anOperatorEndsAConnectionByItsNumber() {
    try (LaneHarness harness = new LaneHarness(2)) {
      for (int i = 0; i < ConnectionSearch.SLICE * 2; i++) {
        harness.connect(1, null, new ScriptedOutlet(), "a");
      }
      ScriptedOutlet outlet = new ScriptedOutlet();
      Connection connection = harness.connect(1, null, outlet, "a");
      CompletableFuture<Boolean> closed =
          harness.engine.closeConnection(connection.id(), CloseReason.OPERATOR);
      harness.turn();
      assertThat(closed).isCompletedWithValue(true);
      assertThat(connection.state()).isEqualTo(State.CLOSED);
      assertThat(outlet.closings()).containsExactly(CloseReason.OPERATOR);
      assertThat(harness.engine.count(Counter.CLOSED_BY_OPERATOR)).isEqualTo(1);

      CompletableFuture<Boolean> again =
          harness.engine.closeConnection(connection.id(), CloseReason.OPERATOR);
      harness.turn();
      assertThat(again).isCompletedWithValue(false);
    }
  }

  @Test
  void anOrderThatWouldHaveToRememberTooManyIsRefused() {
    assertThatThrownBy(() -> new ConnectionQuery(null, null, States.ANY, Order.OLDEST, 9_950, 100))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("offset + limit: 10050 (expected: at most 10000");
    assertThat(ConnectionQuery.page(2_000_000, 100).offset()).isEqualTo(2_000_000);
  }

  @Test
  void writeTimesCountEveryDeliveryToASocket() {
    try (LaneHarness harness = new LaneHarness(1)) {
      for (int i = 0; i < 150; i++) {
        harness.connect(0, null, new ScriptedOutlet(), "a");
      }
      harness.connect(0, null, new ScriptedOutlet(), "b", "a");
      harness.turn();
      for (int i = 0; i < 10; i++) {
        harness.publish("a", "1");
        harness.publish("b", "2");
      }
      harness.turn();
      long delivered = harness.engine.count(Counter.DELIVERED);
      assertThat(delivered).isEqualTo(10 * 151 + 10);
      TimeHistogram times = harness.engine.timing(Timing.PUBLISH_TO_WRITE);
      assertThat(times.count()).isEqualTo(delivered);
      assertThat(times.percentileUs(0)).isPositive();
      assertThat(harness.engine.timing(Timing.JOURNAL_APPEND).count()).isBetween(1L, 20L);
      assertThat(harness.engine.timing(Timing.JOURNAL_COMMIT).count())
          .isEqualTo(harness.engine.timing(Timing.JOURNAL_APPEND).count());
    }
  }

  @Test
  void aReplaysTimeIsTakenWhenItHasCaughtUp() {
    try (LaneHarness harness = new LaneHarness(1)) {
      harness.publish("a", "1");
      harness.publish("a", "2");
      harness.turn();
      Connection connection = harness.connect(0, LaneHarness.id(1), new ScriptedOutlet(), "a");
      harness.turnUntilLive(connection);
      assertThat(harness.engine.timing(Timing.REPLAY).count()).isEqualTo(1);
    }
  }
}
