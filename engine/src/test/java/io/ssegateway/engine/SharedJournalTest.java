package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ssegateway.engine.frame.SseFrame;
import io.ssegateway.engine.journal.CommittedEventSink;
import io.ssegateway.engine.journal.EventTail;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.JournalReader;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a shared journal hands over, and where its order breaks. */
class SharedJournalTest {
  private final HandedJournal journal = new HandedJournal();
  private final Engine engine = Engine.builder().journal(journal).build();

  /** A journal whose other writers are the test. */
  private static final class HandedJournal implements Journal {
    volatile EventTail tail = new EventTail(1_000_000, 0, 0);
    volatile String epoch = "one";
    volatile long newest;
    volatile CommittedEventSink sink;

    void hand(long position, String channel, String data) throws InterruptedException {
      UnsafeBuffer payload = new UnsafeBuffer(data.getBytes(StandardCharsets.UTF_8));
      ExpandableArrayBuffer body = new ExpandableArrayBuffer();
      int length =
          SseFrame.putBody(body, 0, "message", null, -1, null, payload, 0, payload.capacity());
      tail.append(position, EventTail.UNKNOWN, channel, 0, body, 0, length);
      newest = position;
      assertThat(
              sink.onCommitted(
                  position, channel, "message", null, -1, null, 0, payload, 0, payload.capacity()))
          .isTrue();
    }

    void lose(long upTo) throws InterruptedException {
      tail = new EventTail(1_000_000, 0, upTo);
      newest = upTo;
      assertThat(sink.onBreak(upTo)).isTrue();
    }

    @Override
    public String name() {
      return "handed";
    }

    @Override
    public String epoch() {
      return epoch;
    }

    @Override
    public long newestPosition() {
      return newest;
    }

    @Override
    public long oldestPosition() {
      return tail.oldestPosition();
    }

    @Override
    public long sizeBytes() {
      return tail.sizeBytes();
    }

    @Override
    public void append(JournalEntry entry) {
      entry.journalled(1);
    }

    @Override
    public void commit() {
      // nothing waits
    }

    @Override
    public JournalReader open(Collection<String> channels, long after, int maxEvents) {
      return tail.open(channels, after, maxEvents);
    }

    @Override
    public boolean isShared() {
      return true;
    }

    @Override
    public void start(CommittedEventSink newSink) {
      sink = newSink;
    }

    @Override
    public void close() {
      // holds nothing
    }
  }

  /** Notes events and gaps in the order in which they come. */
  private static final class Notes implements Subscriber {
    final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public boolean onEvent(ReceivedEvent event) {
      return lines.add(event.id() + " " + event.data());
    }

    @Override
    public void onGap(GapReason reason, String requested, String resumedAt) {
      lines.add(reason.text() + " " + requested + " " + resumedAt);
    }
  }

  @BeforeEach
  void start() {
    engine.start();
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Notes subscribe(String id) {
    Notes notes = new Notes();
    engine.subscribe(List.of("a"), id, notes);
    return notes;
  }

  @Test
  void onlyWhatTheJournalHandsOverIsFannedOut() throws InterruptedException {
    Notes notes = subscribe(null);
    engine.publisher().publish(Message.of("a", "own"));
    journal.hand(10, "a", "handed");

    await().until(() -> notes.lines.equals(List.of("one-10 handed")));
    assertThat(engine.count(Counter.PUBLISHED)).isEqualTo(1);
  }

  @Test
  void aHoleInTheOrderIsToldToLiveStreams() throws InterruptedException {
    Notes notes = subscribe(null);
    journal.hand(10, "a", "before");
    await().until(() -> notes.lines.size() == 1);

    journal.lose(20);
    journal.hand(30, "a", "after");

    await().until(() -> notes.lines.size() == 3);
    assertThat(notes.lines)
        .containsExactly("one-10 before", "expired one-10 one-20", "one-30 after");
  }

  @Test
  void aNewEpochIsToldToLiveStreamsAndStandsInTheirIds() throws InterruptedException {
    Notes notes = subscribe(null);
    journal.hand(10, "a", "before");
    await().until(() -> notes.lines.size() == 1);

    journal.epoch = "two";
    journal.lose(20);
    journal.hand(30, "a", "after");

    await().until(() -> notes.lines.size() == 3);
    assertThat(notes.lines)
        .containsExactly("one-10 before", "unknown_epoch one-10 two-20", "two-30 after");
    Notes late = subscribe("one-10");
    await().until(() -> late.lines.size() == 2);
    assertThat(late.lines).containsExactly("unknown_epoch one-10 two-29", "two-30 after");
  }

  @Test
  void anIdThatAnotherNodeGaveOutIsWaitedFor() throws InterruptedException {
    Notes other = subscribe(null);
    journal.hand(10, "a", "ten");
    Notes notes = subscribe("one-30");
    journal.hand(20, "a", "twenty");
    journal.hand(30, "a", "thirty");
    journal.hand(40, "a", "forty");

    await().until(() -> other.lines.size() == 4 && notes.lines.size() == 1);
    assertThat(notes.lines).containsExactly("one-40 forty");
  }
}
