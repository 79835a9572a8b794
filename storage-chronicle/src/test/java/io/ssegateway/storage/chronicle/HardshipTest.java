package io.ssegateway.storage.chronicle;

import static io.ssegateway.storage.chronicle.Journals.append;
import static io.ssegateway.storage.chronicle.Journals.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.storage.chronicle.Journals.Collected;
import io.ssegateway.storage.chronicle.Journals.TestClock;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a journal has to stand. */
class HardshipTest {
  @TempDir Path directory;
  private ChronicleJournal journal;

  @AfterEach
  void close() {
    journal.close();
  }

  private void open(ChronicleJournalOptions.Builder options) {
    journal = ChronicleJournal.open(options.build());
  }

  @Test
  void aClockThatStepsBackOverARollDoesNotStopAppends() {
    TestClock clock = new TestClock();
    open(Journals.small(directory).clock(clock).rollMs(60_000));
    List<String> written = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      append(journal, "a", "event " + i);
      written.add("event " + i);
      clock.advance(i % 10 == 9 ? -3_600_000 : 61_000);
      journal.maintain();
    }
    assertThat(Journals.rollFiles(directory)).hasSizeGreaterThan(30);
    assertThat(read(journal, 0, "a").data()).isEqualTo(written);
    journal.close();
    clock.advance(-30L * 86_400_000);
    open(Journals.small(directory).clock(clock).rollMs(60_000));
    append(journal, "a", "a month before");
    written.add("a month before");
    assertThat(read(journal, 0, "a").data()).isEqualTo(written);
  }

  @Test
  void anInterruptedJournalThreadGoesOn() {
    open(Journals.small(directory));
    for (int i = 0; i < 3000; i++) {
      Thread.currentThread().interrupt();
      append(journal, "a", "event " + i); // over several files
      if (i % 500 == 0) {
        journal.maintain();
      }
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(Journals.rollFiles(directory)).hasSizeGreaterThan(4);
    assertThat(read(journal, 0, "a").data())
        .isEqualTo(IntStream.range(0, 3000).mapToObj(i -> "event " + i).toList());
  }

  @Test
  void anInterruptAtAnyMomentOfAnAppendBreaksNothing() throws InterruptedException {
    open(Journals.small(directory));
    Thread journalThread = Thread.currentThread();
    AtomicBoolean stop = new AtomicBoolean();
    Thread other =
        new Thread(
            () -> {
              while (!stop.get()) {
                journalThread.interrupt();
              }
            });
    other.start();
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      TestEntry entry = TestEntry.of("a", "event " + i);
      journal.append(entry);
      journal.commit();
      assertThat(entry.refusal).isNull();
      taken.add("event " + i);
    }
    stop.set(true);
    boolean interrupted = false;
    while (other.isAlive()) {
      interrupted |= Thread.interrupted();
      Thread.onSpinWait();
    }
    interrupted |= Thread.interrupted();
    assertThat(interrupted).isTrue();
    assertThat(read(journal, 0, "a").data()).isEqualTo(taken);
  }

  @Test
  void anInterruptedReplayThreadBreaksNothing() throws InterruptedException {
    open(Journals.small(directory).tailBytes(1024));
    for (int i = 0; i < 3000; i++) {
      append(journal, "a", "event " + i);
    }
    AtomicReference<Collected> collected = new AtomicReference<>();
    Thread replay =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              collected.set(read(journal, 0, "a"));
              if (!Thread.interrupted()) {
                collected.set(null);
              }
            });
    replay.start();
    replay.join();

    assertThat(collected.get().data()).hasSize(3000);
    assertThat(append(journal, "a", "after")).isPositive();
    assertThat(read(journal, 0, "a").data()).hasSize(3001);
  }

  @Test
  void anExceptionInTheMiddleOfARecordLeavesNothingBehind() {
    open(Journals.small(directory));
    append(journal, "a", "before");
    TestEntry broken = TestEntry.of("a", "broken");
    broken.bodyLength = broken.buffer.capacity();
    assertThatThrownBy(() -> journal.append(broken)).isInstanceOf(RuntimeException.class);
    journal.commit();
    assertThat(journal.refusesBecause()).isNull();
    append(journal, "a", "after");

    assertThat(read(journal, 0, "a").data()).containsExactly("before", "after");
    journal.close();
    String epoch = journal.epoch();
    open(Journals.small(directory));
    assertThat(journal.epoch()).isEqualTo(epoch);
    assertThat(read(journal, 0, "a").data()).containsExactly("before", "after");
  }

  @Test
  void aHundredThousandChannelsAreFoundAgain() {
    open(Journals.small(directory).rollBytes(16 * 1024 * 1024).blockSize(64 * 1024 * 1024));
    TestEntry entry = new TestEntry();
    int channels = 100_000;
    for (int i = 0; i < channels; i++) {
      journal.append(entry.fill("channel-" + i, "event " + i));
    }
    journal.commit();
    long middle = journal.newestPosition();
    for (int i = 0; i < channels; i += 1000) {
      append(journal, "channel-" + i, "again " + i);
    }
    journal.close();
    open(Journals.small(directory));
    for (int i = 0; i < channels; i += 500) {
      List<String> expected =
          i % 1000 == 0 ? List.of("event " + i, "again " + i) : List.of("event " + i);
      assertThat(read(journal, 0, "channel-" + i).data()).isEqualTo(expected);
      assertThat(read(journal, middle, "channel-" + i).data()).hasSize(expected.size() - 1);
    }
  }

  @Test
  void aChannelTakesLessThanThreeHundredBytesOfMemory() {
    open(Journals.small(directory));
    int channels = 300_000;
    ChannelHeads heads = new ChannelHeads(1_000_000);
    System.gc();
    long before = usedBytes();
    for (int i = 0; i < channels; i++) {
      heads.add("channel-" + i + "-of-some-length").advance(i + 1, 1);
    }
    System.gc();
    double each = (usedBytes() - before) / (double) channels;
    System.out.printf("%.0f bytes a channel%n", each);
    assertThat(heads.size()).isEqualTo(channels);
    assertThat(each).isBetween(50.0, 300.0);
  }

  private static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void overTheBoundTheQuietestChannelsAreForgottenAndThatIsTold() {
    open(Journals.small(directory).maxChannelHeads(1000).tailBytes(1024));
    TestEntry entry = new TestEntry();
    for (int i = 0; i < 5000; i++) {
      journal.append(entry.fill("channel-" + i, "event " + i));
    }
    journal.commit();
    journal.maintain();

    Collected forgotten = read(journal, 0, "channel-0");
    assertThat(forgotten.gaps()).hasSize(1);
    assertThat(forgotten.gaps().get(0).gap()).isEqualTo(GapReason.EXPIRED);
    assertThat(read(journal, forgotten.gaps().get(0).position(), "channel-0").items).isEmpty();
    assertThat(read(journal, 0, "channel-4999").data()).containsExactly("event 4999");
    append(journal, "channel-0", "again");
    assertThat(read(journal, 0, "channel-0").data()).containsExactly("again");
    assertThat(read(journal, 0, "channel-0").gaps()).hasSize(1);
  }

  @Test
  void anAppendMakesNoGarbage() {
    open(
        Journals.small(directory)
            .rollBytes(64 * 1024 * 1024)
            .blockSize(64 * 1024 * 1024)
            .tailBytes(1024 * 1024));
    TestEntry entry = new TestEntry();
    entry.fill("kanal-ü", "x".repeat(200));
    for (int i = 0; i < 20_000; i++) {
      journal.append(entry); // compiled
    }
    journal.commit();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int events = 50_000;
    for (int i = 0; i < events; i++) {
      journal.append(entry);
      if (i % 100 == 99) {
        journal.commit();
      }
    }
    double each = (threads.getCurrentThreadAllocatedBytes() - before) / (double) events;
    double tail = entry.bodyLength + 56.0; // the tail's memory is made a segment at a time
    System.out.printf("%.1f bytes an event, of which the tail's segments %.1f%n", each, tail);
    assertThat(each - tail).isLessThan(12);
  }

  @Test
  void theFilesAreThoseOfAnyChronicleQueue() {
    open(Journals.small(directory));
    for (int i = 0; i < 2000; i++) {
      append(journal, i % 5 == 0 ? null : "a", "event " + i);
    }
    journal.close();
    int events = 0;
    try (ChronicleQueue queue =
            SingleChronicleQueueBuilder.binary(directory.resolve("queue").toFile())
                .rollCycle(QueueNames.ROLL_CYCLE)
                .readOnly(true)
                .build();
        ExcerptTailer tailer = queue.createTailer()) {
      while (true) {
        try (DocumentContext excerpt = tailer.readingDocument()) {
          if (!excerpt.isPresent()) {
            break;
          }
          byte[] bytes = excerpt.wire().bytes().toByteArray();
          UnsafeBuffer record = new UnsafeBuffer(bytes);
          if (RecordLayout.kind(record, 0) == RecordLayout.EVENT) {
            byte[] payload = new byte[RecordLayout.payloadLength(record, 0)];
            record.getBytes(RecordLayout.payloadAt(record, 0), payload);
            assertThat(new String(payload, java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("event " + events++);
          }
        }
      }
    }
    assertThat(events).isEqualTo(2000);
  }

  // ---- disk space ----

  @Test
  void nothingIsAppendedWhileTheDiskIsNearlyFull() throws IOException {
    AtomicLong free = new AtomicLong(10_000_000);
    journal =
        ChronicleJournal.open(
            Journals.small(directory).minFreeBytes(1_000_000).resumeFreeBytes(2_000_000).build(),
            free::get,
            new FileForce());
    append(journal, "a", "before");
    free.set(999_999);
    journal.maintain();
    assertThat(journal.refusesBecause())
        .isEqualTo("disk nearly full: 999999 bytes free (expected: >= 1000000)");
    TestEntry refused = TestEntry.of("a", "refused");
    journal.append(refused);
    journal.commit();
    assertThat(refused.refusal).isEqualTo(Refusal.JOURNAL_FULL);
    assertThat(refused.refusalDetail).contains("disk nearly full");

    free.set(1_999_999); // more than the guard, less than what it waits for
    journal.maintain();
    assertThat(journal.refusesBecause()).isNotNull();
    free.set(2_000_000);
    journal.maintain();
    assertThat(journal.refusesBecause()).isNull();
    append(journal, "a", "after");
    assertThat(read(journal, 0, "a").data()).containsExactly("before", "after");
  }

  @Test
  void aStartOnAFullDiskSaysSo() {
    open(Journals.small(directory));
    append(journal, "a", "before");
    journal.close();
    assertThatThrownBy(
            () ->
                ChronicleJournal.open(
                    Journals.small(directory).build(), () -> 1000, new FileForce()))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("1000 bytes free (expected: >= 1048576");
    open(Journals.small(directory));
    assertThat(read(journal, 0, "a").data()).containsExactly("before");
  }

  @Test
  void theGuardLooksOftenEnoughWithoutUpkeep() {
    long start = 3_000_000;
    journal =
        ChronicleJournal.open(
            Journals.small(directory).minFreeBytes(1_000_000).build(),
            () -> start - journalBytes(),
            new FileForce());
    TestEntry entry = new TestEntry();
    int taken = 0;
    while (true) {
      journal.append(entry.fill("a", "x".repeat(500)));
      if (entry.refusal != null) {
        break;
      }
      taken++;
    }
    assertThat(taken).isBetween(1_000, 4_000);
    assertThat(start - journalBytes()).isBetween(700_000L, 1_120_000L);
  }

  private long journalBytes() {
    return Journals.rollFiles(directory).stream().mapToLong(HardshipTest::blocks).sum();
  }

  private static long blocks(Path file) {
    try {
      // the part of a file that is written, by looking where it ends
      byte[] bytes = Files.readAllBytes(file);
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] == 0) {
        end--;
      }
      return end;
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  void aReaderThatIsOpenAcrossARollSeesTheNewFile() {
    open(Journals.small(directory).tailBytes(1024));
    Collected collected = new Collected();
    try (JournalReader reader = journal.open(List.of("a"), 0, 0)) {
      for (int i = 0; i < 5000; i++) {
        append(journal, "a", "event " + i);
        if (i % 97 == 0) {
          assertThat(reader.read(journal.newestPosition(), collected)).isTrue();
        }
      }
      assertThat(reader.read(journal.newestPosition(), collected)).isTrue();
    }
    assertThat(collected.data())
        .isEqualTo(IntStream.range(0, 5000).mapToObj(i -> "event " + i).toList());
  }
}
