package io.ssegateway.storage.chronicle;

import static io.ssegateway.storage.chronicle.Journals.append;
import static io.ssegateway.storage.chronicle.Journals.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.storage.chronicle.Journals.Collected;
import io.ssegateway.storage.chronicle.Journals.Item;
import io.ssegateway.storage.chronicle.Journals.TestClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private final TestEntry entry = new TestEntry();
  private ChronicleJournal journal;

  @AfterEach
  void close() {
    journal.close();
  }

  private void open(ChronicleJournalOptions.Builder options) {
    if (journal != null) {
      journal.close();
    }
    journal = ChronicleJournal.open(options.clock(clock).build());
  }

  private long publish(String channel, String data) {
    entry.publishTimeMs = clock.millis();
    return append(journal, entry.fill(channel, data));
  }

  private ChronicleJournalOptions.Builder bySize() {
    return Journals.small(directory).maxDiskBytes(512 * 1024).tailBytes(1024);
  }

  @Test
  void theOldestFilesGoWhenTheDiskIsUsedUp() {
    open(bySize());
    List<Long> positions = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      positions.add(publish("a", "event " + i));
    }
    journal.maintain();

    assertThat(journal.sizeBytes()).isBetween(256L * 1024, 512L * 1024);
    int kept = positions.indexOf(journal.oldestPosition());
    assertThat(kept).isBetween(5_000, 9_000);
    Collected collected = read(journal, 0, "a");
    assertThat(collected.items.get(0))
        .isEqualTo(new Item(positions.get(kept - 1), null, null, GapReason.EXPIRED));
    assertThat(collected.gaps()).hasSize(1);
    assertThat(collected.data())
        .isEqualTo(IntStream.range(kept, 10_000).mapToObj(i -> "event " + i).toList());
    assertThat(read(journal, positions.get(kept - 1), "a").gaps()).isEmpty();
  }

  /** What counts is what the files take, and they are sparse. */
  @Test
  void theSizeIsWhatTheDiskSays() throws Exception {
    open(Journals.small(directory).blockSize(64 * 1024 * 1024).rollBytes(2 * 1024 * 1024));
    for (int i = 0; i < 50_000; i++) {
      publish("a", "event " + i);
    }
    journal.maintain();
    long blocks = 0;
    long lengths = 0;
    for (Path file : Journals.rollFiles(directory)) {
      Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
      String text = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(stat.waitFor()).isZero();
      blocks += Long.parseLong(text.trim()) * 512;
      lengths += Files.size(file);
    }

    assertThat(journal.sizeBytes()).isBetween(blocks * 8 / 10, blocks * 12 / 10);
    assertThat(lengths).isGreaterThan(20 * blocks);
  }

  @Test
  void eventsGoWhenTheyAreTooOld() {
    open(Journals.small(directory).maxAgeMs(60_000).rollMs(10_000).tailBytes(1024));
    List<Long> positions = new ArrayList<>();
    for (int second = 0; second < 200; second++) {
      positions.add(publish("a", "event " + second));
      clock.advance(1000);
      journal.maintain();
    }
    int oldest = positions.indexOf(journal.oldestPosition());
    assertThat(200 - oldest).isBetween(60, 80);
    assertThat(read(journal, 0, "a").gaps())
        .containsExactly(new Item(positions.get(oldest - 1), null, null, GapReason.EXPIRED));
  }

  @Test
  void eventsOfAQuietJournalGoToo() {
    open(Journals.small(directory).maxAgeMs(60_000).rollMs(10_000).tailBytes(1024));
    long newest = publish("a", "event");
    for (int second = 0; second < 100; second++) {
      clock.advance(1000);
      journal.maintain();
    }

    assertThat(journal.oldestPosition()).isZero();
    assertThat(journal.newestPosition()).isEqualTo(newest);
    long next = publish("a", "next");
    assertThat(journal.oldestPosition()).isEqualTo(next);
  }

  @Test
  void aChannelKeepsItsNewestEvents() {
    open(Journals.small(directory).maxEventsPerChannel(100));
    List<Long> positions = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      positions.add(publish("a", "event " + i));
    }
    publish("b", "other");
    for (int pass = 0; pass < 2; pass++) {
      Collected collected = read(journal, 0, "a");
      assertThat(collected.items.get(0))
          .isEqualTo(new Item(positions.get(899), null, null, GapReason.EXPIRED));
      assertThat(collected.data()).hasSize(100).endsWith("event 999");
      assertThat(read(journal, positions.get(949), "a").gaps()).isEmpty();
      assertThat(read(journal, 0, "b").data()).containsExactly("other");
      open(Journals.small(directory).maxEventsPerChannel(100)); // once more without the tail
    }
  }

  @Test
  void aReaderInTheMiddleOfADeletedFileIsToldAndGoesOn() {
    open(bySize());
    List<Long> positions = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      positions.add(publish("a", "event " + i));
    }
    Collected collected = new Collected();
    try (JournalReader reader = journal.open(List.of("a"), 0, 0)) {
      collected.room = 500;
      assertThat(reader.read(journal.newestPosition(), collected)).isFalse();
      for (int i = 2000; i < 12_000; i++) {
        positions.add(publish("a", "event " + i));
      }
      collected.room = Integer.MAX_VALUE;
      assertThat(reader.read(journal.newestPosition(), collected)).isTrue();
    }
    int kept = positions.indexOf(journal.oldestPosition());
    List<String> expected = new ArrayList<>();
    IntStream.range(0, 500).forEach(i -> expected.add("event " + i));
    IntStream.range(kept, 12_000).forEach(i -> expected.add("event " + i));
    assertThat(collected.gaps())
        .containsExactly(new Item(positions.get(kept - 1), null, null, GapReason.EXPIRED));
    assertThat(collected.data()).isEqualTo(expected);
  }

  @Test
  void aDeletedFileGivesItsBlocksBackAtOnce() throws IOException {
    open(bySize());
    for (int i = 0; i < 2000; i++) {
      publish("a", "event " + i);
    }
    read(journal, 0, "a"); // every file is mapped now
    for (int i = 0; i < 10_000; i++) {
      publish("a", "event " + i);
    }
    net.openhft.chronicle.core.io.BackgroundResourceReleaser.releasePendingResources();
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      assertThat(
              maps.filter(line -> line.contains(directory.toString()) && line.contains("deleted")))
          .isEmpty();
    }
  }

  @Test
  void theOffsetsOfSourcesOutliveTheirEvents() {
    open(bySize());
    entry.sourceOffset = new SourceOffset("kafka:orders-3", "4711");
    long position = publish("a", "with an offset");
    entry.sourceOffset = null;
    for (int i = 0; i < 10_000; i++) {
      publish("a", "event " + i);
    }
    assertThat(journal.oldestPosition()).isGreaterThan(position);
    open(bySize());

    assertThat(journal.sourceOffsets()).isEqualTo(Map.of("kafka:orders-3", "4711"));
  }

  @Test
  void whatIsGoneIsKnownAfterARestart() {
    open(bySize());
    long broadcast = publish(null, "to all");
    long quiet = publish("quiet", "event");
    for (int i = 0; i < 10_000; i++) {
      publish("a", "event " + i);
    }
    for (int pass = 0; pass < 2; pass++) {
      Collected collected = read(journal, quiet - 1, "quiet");
      assertThat(collected.data()).isEmpty();
      assertThat(collected.gaps()).hasSize(1);
      assertThat(collected.gaps().get(0).position())
          .isGreaterThanOrEqualTo(quiet)
          .isLessThan(journal.oldestPosition());
      assertThat(read(journal, journal.oldestPosition(), "quiet").gaps()).isEmpty();
      assertThat(broadcast).isLessThan(journal.oldestPosition());
      open(bySize());
    }
  }
}
