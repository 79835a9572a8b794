package io.ssegateway.storage.chronicle;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.CloseReason;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.ReceivedEvent;
import io.ssegateway.engine.Subscriber;
import io.ssegateway.engine.Subscription;
import io.ssegateway.engine.frame.EventId;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.Refusal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Subscribers come, go, stall and come back, while publishers publish and retention removes what
 * some of them have not seen. Each subscriber sees every event of its channel once and in order, or
 * is told of a gap that covers exactly what it did not see.
 */
class SpliceIT {
  private static final int CHANNELS = 4;
  private static final int SUBSCRIBERS = 24;
  private static final Duration RUN =
      Duration.ofMillis(Integer.getInteger("ssegateway.splice.ms", 8000));

  @TempDir Path directory;

  /** Every journalled event: position to channel and data. */
  private final ConcurrentSkipListMap<Long, String[]> journalled = new ConcurrentSkipListMap<>();

  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final AtomicLong gaps = new AtomicLong();
  private final AtomicLong seen = new AtomicLong();
  private final AtomicBoolean stop = new AtomicBoolean();
  private Engine engine;
  private ChronicleJournal journal;

  /** One channel's listener, over all its connections. */
  private final class Listener implements Subscriber {
    final String channel;
    final Random random;

    /** Everything up to here was seen or told to be missing. */
    long position;

    // written on the lane, read by the driver
    volatile boolean stalled;
    volatile boolean closed;
    volatile String lastId;
    private int declineEvery;

    Listener(String channel, Random random) {
      this.channel = channel;
      this.random = random;
    }

    /** A listener that stalls; 0 for never. */
    void declineEvery(int events) {
      declineEvery = events;
    }

    @Override
    public boolean onEvent(ReceivedEvent event) {
      if (declineEvery > 0 && random.nextInt(declineEvery) == 0) {
        stalled = true;
        return false;
      }
      long at = EventId.parse(event.id(), journal.epoch());
      if (at <= position) {
        faults.add(channel + ": " + event.id() + " after " + position);
      }
      // What lies between is of other channels.
      journalled
          .subMap(position, false, at, false)
          .forEach(
              (p, other) -> {
                if (other[0] == null || other[0].equals(channel)) {
                  faults.add(channel + ": " + p + " is missing before " + event.id());
                }
              });
      String[] expected = journalled.get(at);
      if (expected == null || !expected[1].equals(event.data())) {
        faults.add(channel + ": " + event.id() + " has the data " + event.data());
      }
      position = at;
      lastId = event.id();
      seen.incrementAndGet();
      return true;
    }

    @Override
    public void onGap(GapReason reason, String requested, String resumedAt) {
      long at = EventId.parse(resumedAt, journal.epoch());
      if (reason != GapReason.EXPIRED || at <= position) {
        faults.add(channel + ": gap " + reason + " to " + at + " after " + position);
      }
      if (at >= journal.newestPosition()) {
        faults.add(channel + ": gap to the end");
      }
      boolean missed =
          journalled.subMap(position, false, at, true).values().stream()
              .anyMatch(event -> event[0] == null || event[0].equals(channel));
      if (!missed) {
        faults.add(channel + ": gap from " + position + " to " + at + " without a loss");
      }
      position = at;
      lastId = resumedAt;
      gaps.incrementAndGet();
    }

    @Override
    public void onClosed(CloseReason reason) {
      closed = true;
    }
  }

  @Test
  void everySubscriberSeesEverythingOnceInOrderOrIsToldOfAGap() throws Exception {
    long seed = Long.getLong("ssegateway.seed", System.nanoTime());
    System.out.println("ssegateway.seed=" + seed);
    journal =
        ChronicleJournal.open(
            Journals.small(directory).maxDiskBytes(1024 * 1024).tailBytes(48 * 1024).build());
    engine =
        Engine.builder()
            .journal(journal)
            .lanes(2)
            .options(EngineOptions.DEFAULTS.toBuilder().replayThreads(2).ringSize(1024).build())
            .build();
    engine.start();
    List<Thread> threads = new ArrayList<>();
    Listener[] listeners = new Listener[SUBSCRIBERS];
    Random seeds = new Random(seed);
    for (int i = 0; i < SUBSCRIBERS; i++) {
      listeners[i] = new Listener("c" + i % CHANNELS, new Random(seeds.nextLong()));
      Listener listener = listeners[i];
      int kind = i / CHANNELS % 3;
      threads.add(new Thread(() -> drive(listener, kind), "subscriber-" + i));
    }
    for (int i = 0; i < 2; i++) {
      Random random = new Random(seeds.nextLong());
      threads.add(new Thread(() -> publish(random), "publisher-" + i));
    }
    threads.forEach(Thread::start);
    Thread.sleep(RUN.toMillis()); // the length of the run, not a wait for something
    stop.set(true);
    for (Thread thread : threads) {
      thread.join(30_000);
      assertThat(thread.isAlive()).as(thread.getName()).isFalse();
    }
    System.out.println(journalled.size() + " events, " + seen + " seen, " + gaps + " gaps told");
    assertThat(faults).isEmpty();
    assertThat(gaps.get()).isPositive();
    assertThat(engine.count(Counter.SLOW_TRANSITIONS)).isPositive();
    assertThat(engine.count(Counter.CONTAINED_FAILURES)).isZero();
    engine.close();
  }

  private void publish(Random random) {
    byte[] filler = new byte[60];
    java.util.Arrays.fill(filler, (byte) 'x');
    String tail = new String(filler, java.nio.charset.StandardCharsets.US_ASCII);
    int number = 0;
    while (!stop.get()) {
      String channel = random.nextInt(30) == 0 ? null : "c" + random.nextInt(CHANNELS);
      String data = Thread.currentThread().getName() + " " + number++ + tail;
      PublishListener listener =
          new PublishListener() {
            @Override
            public void onJournalled(int index, long position) {
              journalled.put(position, new String[] {channel, data});
            }

            @Override
            public void onRefused(int index, Refusal refusal, String detail) {
              faults.add(refusal + " " + detail);
            }
          };
      Message message = Message.builder().channel(channel).data(data).build();
      if (engine.publisher().publish(message, listener) != PublishResult.PUBLISHED
          || number % 16 == 0) {
        java.util.concurrent.locks.LockSupport.parkNanos(400_000);
      }
    }
  }

  /** Kinds: 0 always connected, 1 comes and goes, 2 stalls. */
  private void drive(Listener listener, int kind) {
    try {
      Subscription subscription = subscribe(listener, kind);
      while (!stop.get()) {
        Thread.sleep(1 + listener.random.nextInt(20)); // a subscriber's own pace
        if (kind == 1) {
          subscription.close();
          Awaitility.await().until(() -> listener.closed);
          int away = listener.random.nextInt(4) == 0 ? 1200 : 40;
          Thread.sleep(listener.random.nextInt(away));
          subscription = subscribe(listener, kind);
        } else if (kind == 2 && listener.stalled) {
          Thread.sleep(listener.random.nextInt(listener.random.nextInt(20) == 0 ? 1500 : 30));
          listener.stalled = false;
          subscription.resume();
        }
      }
      listener.declineEvery(0);
      Subscription last = subscription;
      Awaitility.await(listener.channel + " comes to the end")
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> {
                last.resume();
                return listener.position >= newestOf(listener.channel);
              });
      last.close();
    } catch (Throwable e) {
      faults.add(Thread.currentThread().getName() + " " + e);
    }
  }

  private long newestOf(String channel) {
    for (var entry : journalled.descendingMap().entrySet()) {
      String of = entry.getValue()[0];
      if (of == null || of.equals(channel)) {
        return entry.getKey();
      }
    }
    return 0;
  }

  private Subscription subscribe(Listener listener, int kind) {
    listener.closed = false;
    listener.stalled = false;
    listener.declineEvery(kind == 2 ? 200 : 0);
    String id = listener.lastId == null ? EventId.format(journal.epoch(), 0) : listener.lastId;
    return engine.subscribe(List.of(listener.channel), id, listener);
  }
}
