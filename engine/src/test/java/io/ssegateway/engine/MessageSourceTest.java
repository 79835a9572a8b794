package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ssegateway.engine.journal.CommittedEventSink;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.NoJournal;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the engine does with its sources, and what it tells them. */
class MessageSourceTest {
  private static final Subscriber TAKES_ALL = event -> true;

  /** Notes what it is told. */
  private static class NotingSource implements MessageSource {
    final List<String> notes = new CopyOnWriteArrayList<>();
    volatile SourceContext context;
    volatile Throwable failAtStart;
    volatile boolean failAlways;
    private final String name;

    NotingSource() {
      this("noting");
    }

    NotingSource(String name) {
      this.name = name;
    }

    private void note(String note) {
      notes.add(note);
      if (failAlways) {
        throw new IllegalStateException("scripted to fail at " + note);
      }
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void start(SourceContext given) throws Exception {
      context = given;
      notes.add("start");
      if (failAtStart instanceof Error error) {
        throw error;
      }
      if (failAtStart instanceof Exception exception) {
        throw exception;
      }
    }

    @Override
    public void onFirstSubscriber(String channel) {
      note("first " + channel);
    }

    @Override
    public void onLastSubscriber(String channel) {
      note("last " + channel);
    }

    @Override
    public void onConnect(long connectionId, String subject, List<String> channels) {
      note("connect " + channels);
    }

    @Override
    public void onDisconnect(
        long connectionId, String subject, List<String> channels, CloseReason reason) {
      note("disconnect " + channels + " " + reason);
    }

    @Override
    public void close() {
      note("close");
    }
  }

  private static void awaitNotes(NotingSource source, int count) {
    await().pollInterval(Duration.ofMillis(2)).until(() -> source.notes.size() >= count);
  }

  @Test
  void aSourceIsToldOfTheFirstAndTheLastOfAChannelAndOfEachConnection() {
    NotingSource source = new NotingSource();
    try (Engine engine = Engine.builder().source(source).build()) {
      engine.start();
      Subscription one = engine.subscribe(List.of("a"), null, TAKES_ALL);
      Subscription two = engine.subscribe(List.of("a", "b"), null, TAKES_ALL);
      awaitNotes(source, 5);
      one.close();
      awaitNotes(source, 6);
      two.close();
      awaitNotes(source, 9);
    }
    assertThat(source.notes.subList(0, 6))
        .containsExactly(
            "start",
            "first a",
            "connect [a]",
            "first b",
            "connect [a, b]",
            "disconnect [a] CLIENT");
    assertThat(source.notes.subList(6, 9))
        .containsExactlyInAnyOrder("last a", "last b", "disconnect [a, b] CLIENT");
    assertThat(source.notes.subList(9, source.notes.size())).containsExactly("close");
  }

  @Test
  void aSourcePublishesWithTheContextItIsGiven() {
    NotingSource source = new NotingSource();
    List<String> received = new CopyOnWriteArrayList<>();
    try (Engine engine = Engine.builder().source(source).build()) {
      engine.start();
      engine.subscribe(List.of("a"), null, event -> received.add(event.data()));
      assertThat(source.context.subscribers().count("a")).isEqualTo(1);
      assertThat(source.context.journalledOffsets()).isEmpty();
      assertThat(source.context.publisher().publish(Message.of("a", "hello")))
          .isEqualTo(PublishResult.PUBLISHED);
      await().until(() -> received.equals(List.of("hello")));
    }
    assertThat(source.context.publisher().publish(Message.of("a", "late")))
        .isEqualTo(PublishResult.CLOSED);
  }

  @Test
  void aSourceThatThrowsStopsNobodyAndIsCounted() {
    NotingSource bad = new NotingSource("bad");
    NotingSource good = new NotingSource("good");
    bad.failAlways = true;
    Engine engine = Engine.builder().source(bad).source(good).build();
    engine.start();
    engine.subscribe(List.of("a"), null, TAKES_ALL);
    awaitNotes(good, 3);
    assertThat(engine.count(Counter.CONTAINED_FAILURES)).isEqualTo(2);
    engine.close();
    assertThat(good.notes).endsWith("close");
    assertThat(engine.count(Counter.CONTAINED_FAILURES)).isGreaterThanOrEqualTo(3);
  }

  @Test
  void aSourceThatCannotStartStopsTheEngineAndClosesEverything() {
    for (Throwable failure : List.of(new Exception("no key"), new NoClassDefFoundError("no key"))) {
      NotingSource first = new NotingSource("first");
      NotingSource failing = new NotingSource("failing");
      NotingSource neverStarted = new NotingSource("never");
      failing.failAtStart = failure;
      Engine engine = Engine.builder().source(first).source(failing).source(neverStarted).build();
      assertThatThrownBy(engine::start)
          .isInstanceOf(EngineException.class)
          .hasMessage("source failing cannot start: no key")
          .hasCause(failure);
      assertThat(first.notes).containsExactly("start", "close");
      assertThat(failing.notes).containsExactly("start", "close");
      assertThat(neverStarted.notes).containsExactly("close");
      assertThat(engine.isRunning()).isFalse();
      assertThat(engine.publisher().publish(Message.of("a", "x"))).isEqualTo(PublishResult.CLOSED);
      assertThatThrownBy(engine::start)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("engine is CLOSED (expected: NEW)");
    }
  }

  @Test
  void twoSourcesOfOneNameAreRefused() {
    assertThatThrownBy(
            () -> Engine.builder().source(new NotingSource()).source(new NotingSource()).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sources: two named \"noting\" (expected: a name for each)");
  }

  @Test
  void aJournalThatCannotStartStopsTheEngineAndIsClosed() {
    FailingJournal journal = new FailingJournal();
    NotingSource source = new NotingSource();
    Engine engine = Engine.builder().journal(journal).source(source).build();
    assertThatThrownBy(engine::start)
        .isInstanceOf(EngineException.class)
        .hasMessage("journal failing cannot start: no server");
    assertThat(journal.closed.getCount()).isZero();
    assertThat(source.notes).containsExactly("close");
  }

  @Test
  void aClosedSourceIsToldNothingMore() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    NotingSource source =
        new NotingSource() {
          @Override
          public void onConnect(long connectionId, String subject, List<String> channels) {
            super.onConnect(connectionId, subject, channels);
            busy.countDown();
            try {
              assertThat(goOn.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    Engine engine = Engine.builder().source(source).build();
    engine.start();
    engine.subscribe(List.of("a"), null, TAKES_ALL).close();
    assertThat(busy.await(10, TimeUnit.SECONDS)).isTrue();
    await().until(() -> engine.subscribers().total() == 0);
    Thread closer = new Thread(engine::close);
    closer.start();
    await().until(() -> !engine.isRunning());
    goOn.countDown();
    closer.join(10_000);
    assertThat(source.notes).endsWith("close").contains("last a");
  }

  @Test
  void aSecondCloseWaitsForTheFirst() throws Exception {
    CountDownLatch closing = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    NotingSource source =
        new NotingSource() {
          @Override
          public void close() {
            closing.countDown();
            try {
              assertThat(goOn.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            super.close();
          }
        };
    Engine engine = Engine.builder().source(source).build();
    engine.start();
    Thread first = new Thread(engine::close);
    first.start();
    assertThat(closing.await(10, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Boolean> second =
        CompletableFuture.supplyAsync(
            () -> {
              engine.close();
              return source.notes.contains("close");
            });
    await().pollDelay(Duration.ofMillis(50)).until(() -> !second.isDone());
    goOn.countDown();
    assertThat(second.get(10, TimeUnit.SECONDS)).as("closed when it returned").isTrue();
    first.join(10_000);
  }

  @Test
  void aSourceMayCloseTheEngineFromItsOwnClose() {
    Engine[] engine = new Engine[1];
    NotingSource source =
        new NotingSource() {
          @Override
          public void close() {
            super.close();
            engine[0].close();
          }
        };
    engine[0] = Engine.builder().source(source).build();
    engine[0].start();
    long begin = System.nanoTime();
    engine[0].close();
    assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(5));
    assertThat(source.notes).containsExactly("start", "close");
  }

  @Test
  void theProgrammaticSourcePublishesOnlyWhileTheEngineRuns() {
    ProgrammaticSource source = new ProgrammaticSource();
    assertThat(source.publish(Message.of("a", "x"))).isEqualTo(PublishResult.CLOSED);
    try (Engine engine = Engine.builder().source(source).source(new NoSource()).build()) {
      engine.start();
      assertThat(source.publish(Message.of("a", "x"))).isEqualTo(PublishResult.PUBLISHED);
      assertThat(engine.troubles()).isEmpty();
      assertThat(engine.drain(Duration.ZERO)).isTrue();
      assertThat(engine.troubles()).containsExactly("engine is draining");
    }
    assertThat(source.publish(Message.of("a", "x"))).isEqualTo(PublishResult.CLOSED);
  }

  /** A journal whose server is not there. */
  private static final class FailingJournal implements Journal {
    private final Journal journal = new NoJournal();
    final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public String name() {
      return "failing";
    }

    @Override
    public String epoch() {
      return journal.epoch();
    }

    @Override
    public long newestPosition() {
      return journal.newestPosition();
    }

    @Override
    public long oldestPosition() {
      return journal.oldestPosition();
    }

    @Override
    public long sizeBytes() {
      return journal.sizeBytes();
    }

    @Override
    public void append(JournalEntry entry) {
      journal.append(entry);
    }

    @Override
    public void commit() {
      journal.commit();
    }

    @Override
    public void start(CommittedEventSink sink) {
      throw new JournalException("no server", null);
    }

    @Override
    public JournalReader open(Collection<String> channels, long after, int maxEvents) {
      return journal.open(channels, after, maxEvents);
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }
}
