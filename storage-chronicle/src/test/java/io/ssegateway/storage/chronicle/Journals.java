package io.ssegateway.storage.chronicle;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.frame.DecodedFrame;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.ReplaySink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;

/** What the tests of the journal do with journals. */
final class Journals {
  private Journals() {}

  /** Options of a small journal. */
  static ChronicleJournalOptions.Builder small(Path directory) {
    return ChronicleJournalOptions.builder(directory)
        .blockSize(1024 * 1024)
        .rollBytes(64 * 1024)
        .maxAgeMs(0)
        .maxDiskBytes(0)
        .minFreeBytes(0)
        .tailBytes(32 * 1024);
  }

  /** Appends an event to a channel, or a broadcast, and answers its position. */
  static long append(Journal journal, String channel, String data) {
    return append(journal, TestEntry.of(channel, data));
  }

  static long append(Journal journal, TestEntry entry) {
    journal.append(entry);
    journal.commit();
    assertThat(entry.refusal).as("%s", entry.refusalDetail).isNull();
    assertThat(entry.position).isGreaterThan(0).isEqualTo(journal.newestPosition());
    return entry.position;
  }

  /** Reads everything of some channels after a position. */
  static Collected read(Journal journal, long after, String... channels) {
    return read(journal, after, 0, channels);
  }

  static Collected read(Journal journal, long after, int maxEvents, String... channels) {
    Collected collected = new Collected();
    try (JournalReader reader = journal.open(List.of(channels), after, maxEvents)) {
      assertThat(reader.read(journal.newestPosition(), collected)).isTrue();
    }
    return collected;
  }

  static List<Path> rollFiles(Path directory) {
    try (Stream<Path> files = Files.list(directory.resolve("queue"))) {
      return files.filter(file -> file.toString().endsWith(".cq4")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An event, or a gap. */
  record Item(long position, String channel, String data, GapReason gap) {}

  /** A sink that keeps what it gets, and takes as much as it is told to. */
  static final class Collected implements ReplaySink {
    final List<Item> items = new ArrayList<>();
    int room = Integer.MAX_VALUE;

    @Override
    public boolean onEvent(
        long position, String channel, DirectBuffer buffer, int offset, int length) {
      if (room == 0) {
        return false;
      }
      room--;
      String data = DecodedFrame.decode(buffer, offset, length).data();
      items.add(new Item(position, channel, data, null));
      return true;
    }

    @Override
    public boolean onGap(GapReason reason, long resumeAfter) {
      if (room == 0) {
        return false;
      }
      room--;
      items.add(new Item(resumeAfter, null, null, reason));
      return true;
    }

    List<String> data() {
      return items.stream().filter(item -> item.gap == null).map(Item::data).toList();
    }

    List<Long> positions() {
      return items.stream().map(Item::position).toList();
    }

    List<Item> gaps() {
      return items.stream().filter(item -> item.gap != null).toList();
    }
  }

  /** A clock that stands until it is moved. */
  static final class TestClock implements InstantSource {
    private final AtomicLong nowMs = new AtomicLong(1_800_000_000_000L);

    void advance(long ms) {
      nowMs.addAndGet(ms);
    }

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(nowMs.get());
    }
  }
}
