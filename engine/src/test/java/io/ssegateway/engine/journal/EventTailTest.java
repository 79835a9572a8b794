package io.ssegateway.engine.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class EventTailTest {
  /** Writes down what is read, as {@code position:channel:body} and {@code gap:reason:position}. */
  static final class Notes implements ReplaySink {
    final List<String> notes = new ArrayList<>();
    int room = Integer.MAX_VALUE;

    @Override
    public boolean onEvent(
        long position, String channel, DirectBuffer buffer, int offset, int length) {
      if (room == 0) {
        return false;
      }
      room--;
      notes.add(position + ":" + channel + ":" + buffer.getStringWithoutLengthUtf8(offset, length));
      return true;
    }

    @Override
    public boolean onGap(GapReason reason, long resumeAfter) {
      if (room == 0) {
        return false;
      }
      room--;
      notes.add("gap:" + reason.text() + ":" + resumeAfter);
      return true;
    }
  }

  private long position;

  private void append(EventTail tail, String channel, String text) {
    append(tail, channel, text, 0);
  }

  private void append(EventTail tail, String channel, String text, long timeMs) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    tail.append(
        ++position, EventTail.UNKNOWN, channel, timeMs, new UnsafeBuffer(body), 0, body.length);
  }

  private List<String> read(EventTail tail, long after, int maxEvents, String... channels) {
    Notes notes = new Notes();
    try (JournalReader reader = tail.open(Set.of(channels), after, maxEvents)) {
      assertThat(reader.read(position, notes)).isTrue();
    }
    return notes.notes;
  }

  @Test
  void severalChannelsAndBroadcastsComeInOneOrder() {
    EventTail tail = new EventTail(1 << 20, 0, 0);
    append(tail, "a", "1");
    append(tail, null, "2");
    append(tail, "b", "3");
    append(tail, "c", "4");
    append(tail, "a", "5");
    append(tail, null, "6");
    assertThat(read(tail, 0, 0, "a", "b"))
        .containsExactly("1:a:1", "2:null:2", "3:b:3", "5:a:5", "6:null:6");
    assertThat(read(tail, 2, 0, "a")).containsExactly("5:a:5", "6:null:6");
    assertThat(read(tail, 6, 0, "a")).isEmpty();
    assertThat(read(tail, 0, 0, "never heard of")).containsExactly("2:null:2", "6:null:6");
  }

  @Test
  void aReaderStopsWhereItIsToldToAndGoesOnFromThere() {
    EventTail tail = new EventTail(1 << 20, 0, 0);
    append(tail, "a", "1");
    append(tail, "a", "2");
    append(tail, "b", "3");
    Notes notes = new Notes();
    JournalReader reader = tail.open(Set.of("a", "b"), 0, 0);
    assertThat(reader.read(1, notes)).isTrue();
    assertThat(notes.notes).containsExactly("1:a:1");
    assertThat(reader.read(3, notes)).isTrue();
    append(tail, "b", "4");
    append(tail, "a", "5");
    assertThat(reader.read(5, notes)).isTrue();
    assertThat(notes.notes).containsExactly("1:a:1", "2:a:2", "3:b:3", "4:b:4", "5:a:5");
  }

  @Test
  void whatTheSinkDeclinesIsOfferedAgain() {
    EventTail tail = new EventTail(1 << 20, 0, 0);
    for (int i = 1; i <= 5; i++) {
      append(tail, "a", "" + i);
    }
    Notes notes = new Notes();
    JournalReader reader = tail.open(Set.of("a"), 0, 3);
    notes.room = 0;
    assertThat(reader.read(5, notes)).isFalse();
    notes.room = 2;
    assertThat(reader.read(5, notes)).isFalse();
    notes.room = 9;
    assertThat(reader.read(5, notes)).isTrue();
    assertThat(notes.notes).containsExactly("gap:limit:2", "3:a:3", "4:a:4", "5:a:5");
  }

  @Test
  void bytesAreBoundedAndTheOldestGoesFirst() {
    EventTail tail = new EventTail(64 * 1024, 0, 0);
    String body = "x".repeat(100);
    for (int i = 0; i < 5000; i++) {
      append(tail, "channel-" + i % 7, body);
      assertThat(tail.sizeBytes()).isLessThanOrEqualTo(64 * 1024 + 1024);
    }
    assertThat(tail.oldestPosition()).isEqualTo(tail.droppedUpTo() + 1);
    assertThat(5000 - tail.droppedUpTo()).as("most of the memory is used").isGreaterThan(300);
    List<String> left = read(tail, tail.droppedUpTo(), 0, "channel-3");
    assertThat(left).isNotEmpty().allMatch(note -> note.endsWith(":channel-3:" + body));
  }

  @Test
  void anEventLargerThanAllIsKeptUntilTheNext() {
    EventTail tail = new EventTail(2048, 0, 0);
    append(tail, "a", "1");
    String large = "x".repeat(10_000);
    append(tail, "a", large);
    assertThat(read(tail, 1, 0, "a")).containsExactly("2:a:" + large);
    assertThat(read(tail, 0, 0, "a")).containsExactly("gap:expired:1", "2:a:" + large);
    append(tail, "a", "3");
    assertThat(read(tail, 2, 0, "a")).containsExactly("3:a:3");
    assertThat(tail.sizeBytes()).isLessThan(4096);
  }

  @Test
  void ageIsBoundedByTheClockThatIsPassedIn() {
    EventTail tail = new EventTail(1 << 20, 8000, 0);
    for (int second = 0; second < 60; second++) {
      append(tail, "a", "s" + second, second * 1000L);
      tail.maintain(second * 1000L);
      long oldestMs = (tail.oldestPosition() - 1) * 1000;
      assertThat(second * 1000L - oldestMs)
          .as("age of the oldest at %d s", second)
          .isLessThanOrEqualTo(8000 + 8000 / 8 + 1000);
      if (second >= 8) {
        assertThat(read(tail, second - 7, 0, "a")).as("what is young is there").hasSize(8);
      }
    }
    tail.maintain(100_000);
    assertThat(tail.oldestPosition()).isZero();
    assertThat(tail.sizeBytes()).isZero();
    assertThat(tail.channelCount()).isZero();
    assertThat(read(tail, 10, 0, "a")).containsExactly("gap:expired:60");
    append(tail, "a", "new", 100_000);
    assertThat(tail.oldestPosition()).isEqualTo(61);
    assertThat(read(tail, 60, 0, "a")).containsExactly("61:a:new");
  }

  @Test
  void aGapIsToldOnlyIfTheChannelMayMissSomething() {
    EventTail tail = new EventTail(16 * 1024, 0, 0);
    append(tail, "busy", "first");
    append(tail, "quiet", "only one");
    String body = "x".repeat(200);
    for (int i = 0; i < 20; i++) {
      append(tail, "busy", body);
    }
    append(tail, "quiet", "only two");
    while (tail.droppedUpTo() < 2) {
      append(tail, "busy", body);
    }
    assertThat(tail.head("quiet")).isNotNull();
    // event 2 of quiet is gone, and nobody else's loss is quiet's
    long dropped = tail.droppedUpTo();
    assertThat(dropped).isLessThan(23);
    assertThat(read(tail, 2, 0, "quiet")).containsExactly("23:quiet:only two");
    assertThat(read(tail, 1, 0, "quiet")).containsExactly("gap:expired:2", "23:quiet:only two");
    while (tail.droppedUpTo() < 23) {
      append(tail, "busy", body);
    }
    long up = tail.droppedUpTo();
    assertThat(tail.head("quiet")).as("nothing is kept of a channel without records").isNull();
    assertThat(read(tail, 0, 0, "quiet")).containsExactly("gap:expired:" + up);
    assertThat(read(tail, up, 0, "quiet")).isEmpty();
    assertThat(read(tail, up - 1, 0, "quiet")).containsExactly("gap:expired:" + up);
  }

  @Test
  void lostBroadcastsAreAGapForEveryoneAndOtherLossesAreNot() {
    EventTail tail = new EventTail(16 * 1024, 0, 0);
    append(tail, null, "to all");
    append(tail, "a", "kept alive");
    String body = "x".repeat(200);
    while (tail.droppedUpTo() < 40) {
      append(tail, "busy", body);
    }
    append(tail, "a", "here");
    assertThat(read(tail, tail.droppedUpTo(), 0, "a")).containsExactly(position + ":a:here");
    List<String> fromStart = read(tail, 0, 0, "a");
    assertThat(fromStart).hasSize(2);
    assertThat(fromStart.get(0)).isEqualTo("gap:expired:" + previousDropped(tail));
  }

  /** Channel a's own loss: whether it had more before its record is forgotten. */
  private static long previousDropped(EventTail tail) {
    TailHead head = tail.head("a");
    TailSegment segment = tail.segmentOf(head.lastAddress());
    return segment.previousPosition(TailSegment.offsetOf(head.lastAddress()));
  }

  @Test
  void theLimitCountsEachChannelByItself() {
    EventTail tail = new EventTail(1 << 20, 0, 0);
    for (int i = 1; i <= 10; i++) {
      append(tail, i % 2 == 0 ? "a" : "b", "" + i);
    }
    assertThat(read(tail, 0, 5, "a", "b")).hasSize(10).noneMatch(note -> note.startsWith("gap"));
    assertThat(read(tail, 0, 4, "a")).first().isEqualTo("gap:limit:2");
    assertThat(read(tail, 0, 4, "a")).hasSize(5);
  }

  @Test
  void aMillionChannelsThatCameAndWentTakeNoMemory() {
    EventTail tail = new EventTail(1 << 20, 0, 0);
    for (int i = 0; i < 1_000_000; i++) {
      append(tail, "visitor-" + i, "hello");
    }
    assertThat(tail.sizeBytes()).isLessThanOrEqualTo(1 << 20);
    assertThat(tail.channelCount()).isLessThanOrEqualTo((1 << 20) / TailSegment.HEADER_LENGTH);
    assertThat(read(tail, 999_999, 0, "visitor-999999"))
        .containsExactly("1000000:visitor-999999:hello");
    assertThat(tail.head("visitor-0")).isNull();
  }

  @Test
  void anUnreadableBoundIsRefusedWithItsValue() {
    assertThatThrownBy(() -> new EventTail(0, 0, 0)).hasMessage("maxBytes: 0 (expected: > 0)");
    assertThatThrownBy(() -> new EventTail(1, -5, 0)).hasMessage("maxAgeMs: -5 (expected: >= 0)");
  }

  @Test
  void whatStoodBeforeTheTailIsHeldToBeLost() {
    EventTail tail = new EventTail(1 << 20, 0, 100);
    position = 100;
    append(tail, "a", "x");
    assertThat(read(tail, 50, 0, "a")).containsExactly("gap:expired:100", "101:a:x");
    assertThat(read(tail, 100, 0, "a")).containsExactly("101:a:x");
  }

  @Test
  void aPreviousPositionThatTheCallerKnowsSparesTheGap() {
    EventTail tail = new EventTail(1 << 20, 0, 100);
    byte[] body = {'x'};
    tail.append(101, 40, "a", 0, new UnsafeBuffer(body), 0, 1);
    position = 101;
    Notes notes = new Notes();
    tail.open(Set.of("a"), 50, 0).read(101, notes);
    assertThat(notes.notes)
        .as("broadcasts may be lost")
        .containsExactly("gap:expired:100", "101:a:x");
  }

  @Test
  void whatIsBeingReadStaysWhatItIsWhileItsMemoryIsDropped() {
    EventTail tail = new EventTail(16 * 1024, 0, 0);
    append(tail, "a", "kept as it is");
    List<String> seen = new ArrayList<>();
    ReplaySink sink =
        new ReplaySink() {
          @Override
          public boolean onEvent(
              long at, String channel, DirectBuffer buffer, int offset, int length) {
            for (int i = 0; i < 2_000; i++) {
              append(tail, "b", "x".repeat(50)); // goes several times round all the memory
            }
            seen.add(buffer.getStringWithoutLengthUtf8(offset, length));
            return true;
          }

          @Override
          public boolean onGap(GapReason reason, long resumeAfter) {
            return true;
          }
        };
    try (JournalReader reader = tail.open(Set.of("a"), 0, 0)) {
      assertThat(reader.read(1, sink)).isTrue();
    }
    assertThat(seen).containsExactly("kept as it is");
  }

  @Test
  void memoryThatWasUsedBeforeHoldsWhatItIsGivenNow() {
    EventTail tail = new EventTail(16 * 1024, 0, 0);
    for (int i = 0; i < 5_000; i++) {
      String channel = "c" + i % 7;
      append(tail, channel, "event " + i);
      if (i % 3 == 0) {
        long oldest = tail.oldestPosition();
        List<String> expected = new ArrayList<>();
        for (long at = oldest; at <= position; at++) {
          if ((at - 1) % 7 == i % 7) {
            expected.add(at + ":" + channel + ":event " + (at - 1));
          }
        }
        assertThat(read(tail, oldest - 1, 0, channel))
            .filteredOn(note -> !note.startsWith("gap"))
            .isEqualTo(expected);
      }
    }
  }
}
