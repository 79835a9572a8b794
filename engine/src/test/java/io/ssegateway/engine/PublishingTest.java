package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.engine.journal.Refusal;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The way into the ring, and what becomes of a message there. */
class PublishingTest {
  private static final EngineOptions SMALL =
      LaneHarness.options()
          .ringSize(16)
          .slotBytes(256)
          .maxPayloadBytes(10_000)
          .largeEventBytes(32 * 1024)
          .build();

  /** Notes what it is told; throws after that if it is to. */
  private static final class Listener implements PublishListener {
    final List<String> told = new CopyOnWriteArrayList<>();
    boolean throwing;

    @Override
    public void onJournalled(int index, long position) {
      told.add(index + " at " + position);
      if (throwing) {
        throw new IllegalStateException("scripted");
      }
    }

    @Override
    public void onRefused(int index, Refusal refusal, String detail) {
      told.add(index + " " + refusal + " " + detail);
      if (throwing) {
        throw new IllegalStateException("scripted");
      }
    }
  }

  private static LaneHarness harness() {
    return new LaneHarness(1, SMALL, LaneHarness.memory(1 << 20));
  }

  @Test
  void aFullRingPushesBackAndTakesAgainWhenTheLaneHasPassed() {
    try (LaneHarness harness = harness()) {
      harness.turn();
      int taken = 0;
      while (harness.engine.publisher().publish(Message.of("a", "x")) == PublishResult.PUBLISHED) {
        taken++;
      }
      assertThat(taken).isBetween(14, 16); // the engine's own tick may have a slot
      assertThat(harness.engine.publisher().publish(Message.of("a", "x")))
          .isEqualTo(PublishResult.BACK_PRESSURED);
      assertThat(
              harness
                  .engine
                  .publisher()
                  .publish(Collections.nCopies(3, Message.of("a", "x")), null))
          .isEqualTo(PublishResult.BACK_PRESSURED);
      assertThat(harness.engine.count(Counter.BACK_PRESSURED)).isEqualTo(3);
      assertThat(harness.engine.ringRemaining()).isZero();
      harness.awaitVisible();
      harness.turn();
      assertThat(harness.engine.publisher().publish(Message.of("a", "x")))
          .isEqualTo(PublishResult.PUBLISHED);
    }
  }

  @Test
  void aBatchIsTakenAsAWholeOrNotAtAll() {
    try (LaneHarness harness = harness()) {
      harness.awaitVisible();
      harness.turn();
      for (int i = 0; i < 10; i++) {
        harness.engine.publisher().publish(Message.of("a", "x"));
      }
      harness.awaitVisible();
      long before = harness.engine.journal().newestPosition();
      assertThat(
              harness
                  .engine
                  .publisher()
                  .publish(Collections.nCopies(8, Message.of("a", "y")), null))
          .isEqualTo(PublishResult.BACK_PRESSURED);
      harness.awaitVisible();
      assertThat(harness.engine.journal().newestPosition()).isEqualTo(before);
      assertThat(harness.engine.publisher().publish(List.of(), null))
          .isEqualTo(PublishResult.PUBLISHED);
    }
  }

  @Test
  void whatIsTooLargeIsNeverTaken() {
    try (LaneHarness harness = harness()) {
      EventPublisher publisher = harness.engine.publisher();
      Message large = Message.of("a", "x".repeat(10_001));
      assertThat(publisher.publish(large)).isEqualTo(PublishResult.TOO_LARGE);
      assertThat(publisher.publish(List.of(Message.of("a", "x"), large), null))
          .isEqualTo(PublishResult.TOO_LARGE);
      assertThat(publisher.publish(Collections.nCopies(9, Message.of("a", "x")), null))
          .isEqualTo(PublishResult.TOO_LARGE);
      assertThat(harness.engine.journal().newestPosition()).isZero();
      harness.publish("a", "x".repeat(10_000));
    }
  }

  @Test
  void largeEventsInFlightAreBoundedAndTheirBuffersComeBack() {
    try (LaneHarness harness = harness()) {
      ScriptedOutlet outlet = new ScriptedOutlet();
      harness.connect(0, null, outlet, "a");
      Message large = Message.of("a", "x".repeat(7_000));
      for (int round = 0; round < 50; round++) {
        int taken = 0;
        while (harness.engine.publisher().publish(large) == PublishResult.PUBLISHED) {
          taken++;
        }
        assertThat(taken).as("8 KiB each, of 32 KiB").isEqualTo(4);
        harness.awaitVisible();
        harness.turn();
      }
      assertThat(outlet.data()).hasSize(200).allMatch(large.data()::equals);
    }
  }

  @Test
  void oneLargeEventPassesEvenIfItIsBeyondTheBound() {
    EngineOptions options =
        LaneHarness.options().ringSize(16).slotBytes(256).largeEventBytes(1024).build();
    try (LaneHarness harness = new LaneHarness(1, options, LaneHarness.memory(1 << 20))) {
      for (int i = 0; i < 20; i++) {
        harness.publish("a", "x".repeat(100_000));
        assertThat(harness.engine.publisher().publish(Message.of("a", "x".repeat(100_000))))
            .isEqualTo(PublishResult.BACK_PRESSURED);
        harness.turn();
      }
    }
  }

  @Test
  void aBatchThatFailsHalfWayLeavesNothingOfItself() {
    try (LaneHarness harness = harness()) {
      ScriptedOutlet outlet = new ScriptedOutlet();
      harness.connect(0, null, outlet, "a");
      int[] asked = {0};
      List<Message> failing =
          new AbstractList<>() {
            @Override
            public Message get(int index) {
              if (++asked[0] == 5) {
                throw new IllegalStateException("scripted"); // two of three are encoded by now
              }
              return Message.of("a", "never " + "x".repeat(index * 1000));
            }

            @Override
            public int size() {
              return 3;
            }
          };
      Listener listener = new Listener();
      assertThatThrownBy(() -> harness.engine.publisher().publish(failing, listener))
          .isInstanceOf(IllegalStateException.class);
      harness.publish("a", "next");
      harness.turn();
      assertThat(outlet.data()).containsExactly("next");
      assertThat(listener.told).isEmpty();
      assertThat(harness.engine.journal().newestPosition()).isEqualTo(1);
    }
  }

  @Test
  void aJournalThatFailsToAppendRefusesThatEventAndTheRingGoesOn() {
    try (LaneHarness harness = harness()) {
      ScriptedOutlet outlet = new ScriptedOutlet();
      harness.connect(0, null, outlet, "a");
      Listener listener = new Listener();
      harness.journal.failAppend = new JournalException("disk on fire", null);
      harness.engine.publisher().publish(Message.of("a", "lost"), listener);
      harness.awaitVisible();
      harness.journal.failAppend = null;
      harness.publish("a", "next");
      harness.turn();
      assertThat(listener.told).containsExactly("0 JOURNAL_FAILED disk on fire");
      assertThat(outlet.data()).containsExactly("next");
      assertThat(harness.engine.count(Counter.JOURNAL_REFUSED)).isEqualTo(1);
      assertThat(harness.engine.count(Counter.PUBLISHED)).isEqualTo(1);
      assertThat(harness.engine.count(Counter.CONTAINED_FAILURES)).isEqualTo(1);
    }
  }

  @Test
  void aJournalThatFailsToCommitRefusesTheBatchAndTheRingGoesOn() {
    try (LaneHarness harness = harness()) {
      ScriptedOutlet outlet = new ScriptedOutlet();
      harness.connect(0, null, outlet, "a");
      Listener listener = new Listener();
      harness.journal.failCommit = new JournalException("disk full", null);
      harness.engine.publisher().publish(Collections.nCopies(3, Message.of("a", "lost")), listener);
      harness.awaitVisible();
      harness.journal.failCommit = null;
      harness.publish("a", "next");
      harness.turn();
      assertThat(listener.told)
          .containsExactly(
              "0 JOURNAL_FAILED disk full",
              "1 JOURNAL_FAILED disk full",
              "2 JOURNAL_FAILED disk full");
      assertThat(outlet.data()).containsExactly("next");
    }
  }

  @Test
  void aListenerThatThrowsIsContained() {
    try (LaneHarness harness = harness()) {
      ScriptedOutlet outlet = new ScriptedOutlet();
      harness.connect(0, null, outlet, "a");
      Listener listener = new Listener();
      listener.throwing = true;
      harness.engine.publisher().publish(Collections.nCopies(3, Message.of("a", "x")), listener);
      harness.publish("a", "next");
      harness.turn();
      assertThat(listener.told).containsExactly("0 at 1", "1 at 2", "2 at 3");
      assertThat(outlet.data()).containsExactly("x", "x", "x", "next");
      assertThat(harness.engine.count(Counter.CONTAINED_FAILURES)).isEqualTo(3);
    }
  }

  @Test
  void aClosedEngineTakesNothing() {
    LaneHarness harness = harness();
    harness.close();
    assertThat(harness.engine.publisher().publish(Message.of("a", "x")))
        .isEqualTo(PublishResult.CLOSED);
    assertThat(harness.engine.publisher().publish(List.of(Message.of("a", "x")), null))
        .isEqualTo(PublishResult.CLOSED);
    assertThatThrownBy(() -> harness.engine.subscribe(List.of("a"), null, event -> true))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("engine is CLOSED");
  }

  @Test
  void optionsOutOfBoundsAreNamedWithTheirValue() {
    List<String> problems = new ArrayList<>();
    for (EngineOptions.Builder builder :
        List.of(
            EngineOptions.DEFAULTS.toBuilder().ringSize(12),
            EngineOptions.DEFAULTS.toBuilder().slotBytes(100),
            EngineOptions.DEFAULTS.toBuilder().ringSize(1 << 22).slotBytes(65536),
            EngineOptions.DEFAULTS.toBuilder().largeEventBytes(0),
            EngineOptions.DEFAULTS.toBuilder().maxPayloadBytes(-7),
            EngineOptions.DEFAULTS.toBuilder().heartbeatMs(-1),
            EngineOptions.DEFAULTS.toBuilder().retryMs(0),
            EngineOptions.DEFAULTS.toBuilder().stallTimeoutMs(0),
            EngineOptions.DEFAULTS.toBuilder().replayThreads(0),
            EngineOptions.DEFAULTS.toBuilder().maxReplayEvents(-2))) {
      try {
        problems.add("accepted: " + builder.build());
      } catch (IllegalArgumentException e) {
        problems.add(e.getMessage());
      }
    }
    assertThat(problems)
        .containsExactly(
            "ringSize: 12 (expected: a power of two from 4 to 4194304)",
            "slotBytes: 100 (expected: a multiple of 64 from 256 to 65536)",
            "ringSize * slotBytes: 274877906944 (expected: at most 2 GiB)",
            "largeEventBytes: 0 (expected: > 0)",
            "maxPayloadBytes: -7 (expected: from 1 to 67108864)",
            "heartbeatMs: -1 (expected: >= 0)",
            "retryMs: 0 (expected: from 1 to 86400000)",
            "stallTimeoutMs: 0 (expected: > 0)",
            "replayThreads: 0 (expected: from 1 to 256)",
            "maxReplayEvents: -2 (expected: >= 0)");
    assertThat(EngineOptions.DEFAULTS.toBuilder().build()).isEqualTo(EngineOptions.DEFAULTS);
  }

  @Test
  void aMessageThatCannotGoOverTheWireIsNotBuilt() {
    assertThatThrownBy(() -> Message.of("a", "t\r", "x"))
        .hasMessage("event_type: U+000D at index 1 (expected: no CR, LF or NUL)");
    assertThatThrownBy(() -> Message.builder().id("\n").build())
        .hasMessage("id: U+000A at index 0 (expected: no CR, LF or NUL)");
    assertThatThrownBy(() -> Message.builder().type("").build())
        .hasMessage("event_type: \"\" (expected: not empty)");
    assertThatThrownBy(() -> Message.builder().retryMs(-2).build())
        .hasMessage("retry: -2 (expected: >= 0)");
    assertThatThrownBy(() -> Message.of("c".repeat(257), "x"))
        .hasMessageContaining("257 characters (expected: at most 256)");
    assertThatThrownBy(() -> Message.builder().id("i".repeat(257)).build())
        .hasMessage("id: 257 characters (expected: at most 256)");
    assertThatThrownBy(() -> Message.of("\udc00", "x"))
        .hasMessageContaining("lone surrogate U+DC00");
    assertThatThrownBy(() -> Message.builder().data(new byte[] {(byte) 0xC0, 0x0A}))
        .hasMessage("data: 2 bytes that are not UTF-8");
  }
}
