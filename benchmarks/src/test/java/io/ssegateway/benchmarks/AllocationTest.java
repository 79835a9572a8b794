package io.ssegateway.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Lane;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.ReplaySink;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Holds that the hot paths allocate nothing per event and per delivery, by what the JVM counts on
 * the very threads. The bars are below the smallest object's 16 bytes; what is beneath them is paid
 * per batch, per wake-up or per second. Memory of recent events is used again when it is full, so
 * it is full before the count begins.
 */
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int PAYLOAD_BYTES = 128;
  private static final int CONNECTIONS = 50;
  private static final long TAIL_BYTES = 4L * 1024 * 1024;
  private static final int WARM_UP = 60_000;
  private static final int EVENTS = 100_000;

  /** More than the one view of the message's bytes that a publish makes, less than two objects. */
  private static final int VIEW_BYTES = 48;

  /** Fewer than the ring takes, so that no publish is tried twice. */
  private static final int BURST = 2_000;

  @ParameterizedTest
  @EnumSource(
      value = JournalChoice.class,
      names = {"NONE", "MEMORY", "CHRONICLE"})
  void anEventAllocatesNothingOnItsWayToTheConnections(JournalChoice choice) {
    try (TemporaryDirectory directory = new TemporaryDirectory();
        ThreadLane executor = new ThreadLane();
        Engine engine =
            Engine.builder()
                .options(Engines.quiet().build())
                .journal(choice.open(directory.path(), TAIL_BYTES))
                .lanes(0)
                .build()) {
      engine.start();
      Lane lane = engine.addLane(executor);
      List<CountingOutlet> outlets = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        outlets.add(new CountingOutlet());
      }
      Engines.connect(lane, executor, Payloads.channels(1), outlets);
      Message message = Payloads.message(Payloads.channel(0), PAYLOAD_BYTES);
      publish(engine, message, WARM_UP); // until the memory of recent events is full, too

      long publisherBefore = allocatedBy(Thread.currentThread().getName());
      long journalBefore = allocatedBy("sse-journal");
      long laneBefore = allocatedBy(ThreadLane.THREAD_NAME);
      long deliveredBefore = engine.count(Counter.DELIVERED);
      long writesBefore = writes(outlets);
      publish(engine, message, EVENTS);
      double publisher = allocatedBy(Thread.currentThread().getName()) - publisherBefore;
      double journal = allocatedBy("sse-journal") - journalBefore;
      double laneBytes = allocatedBy(ThreadLane.THREAD_NAME) - laneBefore;
      long delivered = engine.count(Counter.DELIVERED) - deliveredBefore;
      long writes = writes(outlets) - writesBefore;

      assertThat(delivered).isEqualTo((long) EVENTS * CONNECTIONS);
      assertThat(publisher / EVENTS).as("bytes per publish").isLessThan(VIEW_BYTES);
      assertThat(journal / EVENTS).as("bytes per append").isLessThan(4);
      assertThat(laneBytes / writes).as("bytes per write").isLessThan(8);
    }
  }

  @ParameterizedTest
  @EnumSource(ReplayBenchmark.From.class)
  void aReplayedEventAllocatesNothing(ReplayBenchmark.From from) {
    ReplayBenchmark.FullJournal full = new ReplayBenchmark.FullJournal();
    full.from = from;
    full.events = 100_000;
    full.channels = 10;
    full.payloadBytes = PAYLOAD_BYTES;
    full.setUp();
    try {
      Counting sink = new Counting();
      replayAll(full.journal, full.names, sink);
      replayAll(full.journal, full.names, sink);
      sink.events = 0;
      long before = allocatedBy(Thread.currentThread().getName());
      replayAll(full.journal, full.names, sink);
      double bytes = allocatedBy(Thread.currentThread().getName()) - before;

      assertThat(sink.events).isEqualTo(full.events);
      assertThat(bytes / full.events).as("bytes per replayed event").isLessThan(4);
    } finally {
      full.tearDown();
    }
  }

  @Test
  void theMeasureSeesAnAllocation() {
    long before = allocatedBy(Thread.currentThread().getName());
    List<byte[]> kept = new ArrayList<>(1000);
    for (int i = 0; i < 1000; i++) {
      kept.add(new byte[16]);
    }
    long bytes = allocatedBy(Thread.currentThread().getName()) - before;

    assertThat(kept).hasSize(1000);
    assertThat(bytes / 1000).isGreaterThanOrEqualTo(32);
  }

  /** Several events share a write when they come fast, so an object a write is what to look for. */
  private static long writes(List<CountingOutlet> outlets) {
    return outlets.stream().mapToLong(CountingOutlet::offers).sum();
  }

  private static void replayAll(Journal journal, String[] names, ReplaySink sink) {
    for (String name : names) {
      try (JournalReader reader = journal.open(List.of(name), 0, 0)) {
        assertThat(reader.read(journal.newestPosition(), sink)).isTrue();
      }
    }
  }

  private static final class Counting implements ReplaySink {
    private int events;

    @Override
    public boolean onEvent(
        long position, @Nullable String channel, DirectBuffer buffer, int offset, int length) {
      events++;
      return true;
    }

    @Override
    public boolean onGap(GapReason reason, long resumeAfter) {
      throw new AssertionError("gap: " + reason);
    }
  }

  /** Publishes what the ring has room for, waits until all is routed, and so on. */
  private static void publish(Engine engine, Message message, int events) {
    long before = engine.count(Counter.DELIVERED);
    long deadline = System.nanoTime() + 20_000_000_000L;
    for (int published = 0; published < events; published += BURST) {
      for (int i = 0; i < BURST; i++) {
        Engines.publish(engine, message);
      }
      long expected = before + (long) (published + BURST) * CONNECTIONS;
      while (engine.count(Counter.DELIVERED) < expected) {
        if (System.nanoTime() - deadline > 0) {
          throw new AssertionError("not all was delivered in time");
        }
        Thread.onSpinWait();
      }
    }
  }

  private static long allocatedBy(String threadName) {
    for (long id : THREADS.getAllThreadIds()) {
      var info = THREADS.getThreadInfo(id);
      if (info != null && info.getThreadName().equals(threadName)) {
        return THREADS.getThreadAllocatedBytes(id);
      }
    }
    throw new AssertionError("no thread is named " + threadName);
  }
}
