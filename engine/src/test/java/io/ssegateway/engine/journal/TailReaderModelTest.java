package io.ssegateway.engine.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Readers against a plain list of all events. {@code -Dssegateway.tail.seed=…} repeats a run of the
 * test with one thread to the letter.
 */
class TailReaderModelTest {
  private static final Logger LOG = LoggerFactory.getLogger(TailReaderModelTest.class);
  private static final int CHANNELS = 6;

  private final long seed =
      Long.getLong("ssegateway.tail.seed", ThreadLocalRandom.current().nextLong());

  /** Everything that was ever appended, in arrays that one thread fills. */
  private static final class Model {
    final byte[] channels; // by position; CHANNELS stands for broadcasts
    final TailHead[] heads = new TailHead[CHANNELS + 1]; // what the last appends answered
    volatile int newest;

    Model(int capacity) {
      channels = new byte[capacity + 1];
    }
  }

  private static String channel(int number) {
    return number == CHANNELS ? null : "channel-" + number;
  }

  private static String body(long position) {
    return "event " + position + " " + "x".repeat((int) (position * 31 % 90));
  }

  private static void append(EventTail tail, Model model, Random dice) {
    int position = model.newest + 1;
    // few events for high numbers, so that channels come and go
    int number = dice.nextInt(20) == 0 ? CHANNELS : dice.nextInt(dice.nextInt(CHANNELS) + 1);
    model.channels[position] = (byte) number;
    byte[] body = body(position).getBytes(StandardCharsets.UTF_8);
    TailHead known = dice.nextBoolean() ? model.heads[number] : null; // at times a dropped one
    model.heads[number] =
        tail.append(
            position,
            EventTail.UNKNOWN,
            channel(number),
            known,
            0,
            new UnsafeBuffer(body),
            0,
            body.length);
    model.newest = position;
  }

  /** A client that reads in pieces, and checks each against the model. */
  private static final class Checker implements ReplaySink {
    final Model model;
    final boolean[] mine = new boolean[CHANNELS + 1];
    final Random dice;
    long cursor;
    int events;
    int gaps;
    int room;

    Checker(Model model, Set<Integer> numbers, long after, Random dice) {
      this.model = model;
      this.dice = dice;
      this.cursor = after;
      numbers.forEach(n -> mine[n] = true);
      mine[CHANNELS] = true;
    }

    private void assertNothingBetween(long from, long to) {
      for (long p = from + 1; p < to; p++) {
        assertThat(mine[model.channels[(int) p]]).as("event %d is passed over", p).isFalse();
      }
    }

    @Override
    public boolean onEvent(
        long position, String channel, DirectBuffer buffer, int offset, int length) {
      if (room-- <= 0) {
        return false;
      }
      assertThat(position).isGreaterThan(cursor);
      assertNothingBetween(cursor, position);
      assertThat(channel).isEqualTo(channel(model.channels[(int) position]));
      assertThat(mine[model.channels[(int) position]]).isTrue();
      assertThat(buffer.getStringWithoutLengthUtf8(offset, length)).isEqualTo(body(position));
      cursor = position;
      events++;
      return true;
    }

    @Override
    public boolean onGap(GapReason reason, long resumeAfter) {
      if (room-- <= 0) {
        return false;
      }
      assertThat(resumeAfter).as("a gap goes forward").isGreaterThan(cursor);
      assertThat(reason).isEqualTo(GapReason.EXPIRED);
      cursor = resumeAfter;
      gaps++;
      return true;
    }

    void readAll(JournalReader reader, long upTo) {
      do {
        room = 1 + dice.nextInt(8);
      } while (!reader.read(upTo, this));
      assertNothingBetween(cursor, upTo + 1);
      cursor = Math.max(cursor, upTo);
    }
  }

  private static Set<Integer> someChannels(Random dice) {
    Set<Integer> numbers = new LinkedHashSet<>();
    int count = 1 + dice.nextInt(3);
    while (numbers.size() < count) {
      numbers.add(dice.nextInt(CHANNELS));
    }
    return numbers;
  }

  private static List<String> names(Set<Integer> numbers) {
    return numbers.stream().map(TailReaderModelTest::channel).toList();
  }

  @Test
  void aReaderAgreesWithAPlainList() {
    LOG.info("tail against list: seed {}", seed);
    Random dice = new Random(seed);
    int events = 0;
    int gaps = 0;
    for (int round = 0; round < 200; round++) {
      EventTail tail = new EventTail(1024L << dice.nextInt(7), 0, 0);
      Model model = new Model(2000);
      List<Checker> checkers = new ArrayList<>();
      List<JournalReader> readers = new ArrayList<>();
      while (model.newest < 1000) {
        for (int i = dice.nextInt(40); i >= 0; i--) {
          append(tail, model, dice);
        }
        if (checkers.size() < 10) {
          Set<Integer> numbers = someChannels(dice);
          long after = dice.nextInt(model.newest + 1);
          checkers.add(new Checker(model, numbers, after, dice));
          readers.add(tail.open(names(numbers), after, 0));
        }
        int which = dice.nextInt(checkers.size());
        Checker checker = checkers.get(which);
        long before = checker.cursor;
        int gapsBefore = checker.gaps;
        checker.readAll(readers.get(which), model.newest);
        if (before >= tail.droppedUpTo()) {
          assertThat(checker.gaps).as("nothing it wanted was dropped").isEqualTo(gapsBefore);
        }
      }
      events += checkers.stream().mapToInt(c -> c.events).sum();
      gaps += checkers.stream().mapToInt(c -> c.gaps).sum();
    }
    assertThat(events).as("events read").isGreaterThan(10_000);
    assertThat(gaps).as("gaps told").isGreaterThan(100);
  }

  @Test
  void readersAgreeWithAPlainListWhileAnotherThreadWrites() throws Exception {
    LOG.info("tail against list, with a writer: seed {}", seed);
    Random dice = new Random(seed);
    int total = 400_000;
    Model model = new Model(total);
    EventTail tail = new EventTail(24 * 1024, 0, 0);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> readers = new ArrayList<>();
    int[] events = new int[3];
    int[] gaps = new int[3];
    for (int i = 0; i < 3; i++) {
      int slot = i;
      Random own = new Random(dice.nextLong());
      Thread thread =
          new Thread(
              () -> {
                try {
                  while (model.newest < total) {
                    Set<Integer> numbers = someChannels(own);
                    long after = Math.max(0, model.newest - own.nextInt(600));
                    Checker checker = new Checker(model, numbers, after, own);
                    JournalReader reader = tail.open(names(numbers), after, 0);
                    for (int reads = own.nextInt(60); reads >= 0; reads--) {
                      checker.readAll(reader, model.newest);
                    }
                    events[slot] += checker.events;
                    gaps[slot] += checker.gaps;
                  }
                } catch (Throwable e) {
                  failure.compareAndSet(null, e);
                }
              },
              "reader-" + i);
      thread.start();
      readers.add(thread);
    }
    Random own = new Random(dice.nextLong());
    while (model.newest < total && failure.get() == null) {
      append(tail, model, own);
      if (model.newest % 64 == 0) {
        Thread.onSpinWait();
      }
    }
    for (Thread reader : readers) {
      reader.join(20_000);
    }
    assertThat(failure.get()).as("seed %d", seed).isNull();
    LOG.info("tail against list, with a writer: {} events, {} gaps", events, gaps);
    assertThat(events[0] + events[1] + events[2]).as("events read").isPositive();
  }
}
