package io.ssegateway.storage.chronicle;

import static io.ssegateway.storage.chronicle.Journals.append;
import static io.ssegateway.storage.chronicle.Journals.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.storage.chronicle.Journals.Collected;
import io.ssegateway.storage.chronicle.Journals.Item;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleJournalTest {
  @TempDir Path directory;
  private ChronicleJournal journal;

  @AfterEach
  void close() {
    if (journal != null) {
      journal.close();
    }
  }

  private ChronicleJournal open(ChronicleJournalOptions.Builder options) {
    if (journal != null) {
      journal.close();
    }
    journal = ChronicleJournal.open(options.build());
    return journal;
  }

  private ChronicleJournal open() {
    return open(Journals.small(directory));
  }

  @Test
  void whatIsAppendedIsReadInOrder() {
    open();
    long a1 = append(journal, "a", "1");
    append(journal, "b", "2");
    long all = append(journal, null, "3");
    long a2 = append(journal, "a", "4");

    assertThat(read(journal, 0, "a").items)
        .containsExactly(
            new Item(a1, "a", "1", null),
            new Item(all, null, "3", null),
            new Item(a2, "a", "4", null));
    assertThat(read(journal, a1, "a", "b").data()).containsExactly("2", "3", "4");
    assertThat(read(journal, a2, "a").items).isEmpty();
    assertThat(journal.oldestPosition()).isEqualTo(a1);
  }

  @Test
  void anEmptyJournalHasNoEvents() {
    open();

    assertThat(journal.newestPosition()).isZero();
    assertThat(journal.oldestPosition()).isZero();
    assertThat(read(journal, 0, "a").items).isEmpty();
    assertThat(journal.sizeBytes()).isPositive();
    assertThat(journal.refusesBecause()).isNull();
  }

  @Test
  void everythingIsThereAfterARestartAndPositionsGoOn() {
    open();
    String epoch = journal.epoch();
    long before = append(journal, "a", "1");
    append(journal, null, "2");
    open();

    assertThat(journal.epoch()).isEqualTo(epoch);
    assertThat(journal.newestPosition()).isGreaterThan(before);
    assertThat(read(journal, 0, "a").data()).containsExactly("1", "2");
    assertThat(append(journal, "a", "3")).isGreaterThan(before);
    assertThat(read(journal, before, "a").data()).containsExactly("2", "3");
  }

  @Test
  void aReaderThatBeganInTheFilesGoesOnInTheTail() {
    open();
    List<String> written = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      append(journal, "a", "before " + i);
      written.add("before " + i);
    }
    open();
    Collected collected = new Collected();
    try (JournalReader reader = journal.open(List.of("a"), 0, 0)) {
      collected.room = 100;
      assertThat(reader.read(journal.newestPosition(), collected)).isFalse();
      for (int i = 0; i < 500; i++) {
        append(journal, "a", "after " + i);
        written.add("after " + i);
        if (i % 7 == 0) {
          collected.room = 11;
          reader.read(journal.newestPosition(), collected);
        }
      }
      collected.room = Integer.MAX_VALUE;
      assertThat(reader.read(journal.newestPosition(), collected)).isTrue();
    }
    assertThat(collected.data()).isEqualTo(written);
  }

  /** Against a list in memory; channels, readers and rolls at random. */
  @Test
  void anyReaderGetsWhatAListWouldGiveIt() {
    long seed = Long.getLong("ssegateway.seed", System.nanoTime());
    System.out.println("ssegateway.seed=" + seed);
    Random random = new Random(seed);
    open(Journals.small(directory).tailBytes(16 * 1024));
    List<Item> all = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      for (int i = 0; i < 2000; i++) {
        String channel =
            random.nextInt(20) == 0 ? null : "c" + random.nextInt(1 + random.nextInt(9));
        String data = "x".repeat(random.nextInt(100)) + i;
        all.add(new Item(append(journal, channel, data), channel, data, null));
        if (random.nextInt(50) == 0) {
          check(all, random);
        }
      }
      open(Journals.small(directory).tailBytes(16 * 1024));
    }
  }

  private void check(List<Item> all, Random random) {
    int from = random.nextInt(all.size() + 1);
    long after = from == 0 ? 0 : all.get(from - 1).position();
    String[] channels =
        IntStream.range(0, 9)
            .filter(i -> random.nextInt(4) == 0)
            .mapToObj(i -> "c" + i)
            .toArray(String[]::new);
    if (channels.length == 0) {
      channels = new String[] {"c0"};
    }
    List<String> names = List.of(channels);
    List<Item> expected =
        all.subList(from, all.size()).stream()
            .filter(item -> item.channel() == null || names.contains(item.channel()))
            .toList();
    Collected collected = new Collected();
    try (JournalReader reader = journal.open(names, after, 0)) {
      do {
        collected.room = 1 + random.nextInt(400);
      } while (!reader.read(journal.newestPosition(), collected));
    }
    assertThat(collected.items).isEqualTo(expected);
  }

  @Test
  void aReplayHoldsNoMoreThanItMay() {
    open();
    List<Long> positions = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      positions.add(append(journal, "a", "" + i));
    }
    open(); // nothing in the tail

    Collected collected = read(journal, 0, 300, "a");
    assertThat(collected.items.get(0).gap())
        .isEqualTo(io.ssegateway.engine.journal.GapReason.LIMIT);
    assertThat(collected.items.get(0).position()).isEqualTo(positions.get(699));
    assertThat(collected.data())
        .isEqualTo(IntStream.range(700, 1000).mapToObj(Integer::toString).toList());
    assertThat(read(journal, positions.get(699), 300, "a").gaps()).isEmpty();
  }

  @Test
  void everyFieldOfAnEventIsInItsRecord() {
    open();
    TestEntry entry = new TestEntry();
    entry.type = "täg";
    entry.publisherId = "id-\uD83D\uDE00";
    entry.retryMs = 1234;
    entry.sourceOffset = new SourceOffset("kafka:orders-3", "4711");
    entry.publishTimeMs = 1_700_000_000_000L;
    entry.fill("kanal-ü", "one\r\ntwo\rthree");
    long position = append(journal, entry);
    append(journal, "other", "x");
    journal.close();

    RollFile file = QueueNames.list(directory.resolve("queue")).get(0);
    List<RecordEntry> events = new ArrayList<>();
    FileWalk walk =
        FileWalk.check(
            file,
            (f, buffer, at) -> {
              if (RecordLayout.kind(buffer, at) == RecordLayout.EVENT) {
                events.add(new RecordEntry().wrap(buffer, at));
              }
            });
    assertThat(walk.problem).isNull();
    assertThat(events).hasSize(2);
    RecordEntry read = events.get(0);
    assertThat(RecordLayout.position(read.buffer(), 0)).isEqualTo(position);
    assertThat(read.channel()).isEqualTo("kanal-ü");
    assertThat(read.type()).isEqualTo("täg");
    assertThat(read.publisherId()).isEqualTo("id-\uD83D\uDE00");
    assertThat(read.retryMs()).isEqualTo(1234);
    assertThat(read.sourceOffset()).isEqualTo(new SourceOffset("kafka:orders-3", "4711"));
    assertThat(read.publishTimeMs()).isEqualTo(1_700_000_000_000L);
    byte[] payload = new byte[read.payloadLength()];
    read.buffer().getBytes(read.payloadOffset(), payload);
    assertThat(new String(payload, java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("one\r\ntwo\rthree");
    file.retire();
  }

  @Test
  void theNewestOffsetOfEverySourceIsKnownAfterARestart() {
    open();
    for (int i = 0; i < 10; i++) {
      TestEntry entry = new TestEntry();
      entry.sourceOffset = new SourceOffset("log-" + i % 3, "" + i);
      append(journal, entry.fill("a", "" + i));
    }
    open();

    assertThat(journal.sourceOffsets()).isEqualTo(Map.of("log-0", "9", "log-1", "7", "log-2", "8"));
  }

  @Test
  void aPayloadOfOneMegabyteIsKept() {
    open(Journals.small(directory).blockSize(8 * 1024 * 1024));
    String data = "é".repeat(512 * 1024);
    append(journal, "a", data);
    open(Journals.small(directory).blockSize(8 * 1024 * 1024));

    assertThat(read(journal, 0, "a").data()).containsExactly(data);
  }

  @Test
  void aRecordOverTheLimitIsRefusedAndTheNextIsTaken() {
    open();
    TestEntry large = TestEntry.of("a", "x".repeat(300_000));
    journal.append(large);
    journal.commit();

    assertThat(large.refusal).isEqualTo(Refusal.RECORD_TOO_LARGE);
    assertThat(large.refusalDetail).contains("expected: at most 196608");
    append(journal, "a", "small");
    assertThat(read(journal, 0, "a").data()).containsExactly("small");
  }

  @Test
  void aClosedJournalSaysSo() {
    open();
    append(journal, "a", "1");
    JournalReader reader = journal.open(List.of("a"), 0, 0);
    journal.close();

    assertThatThrownBy(() -> reader.read(Long.MAX_VALUE, new Collected()))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("is closed");
  }
}
