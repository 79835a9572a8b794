package io.ssegateway.storage.chronicle;

import static io.ssegateway.storage.chronicle.Journals.append;
import static io.ssegateway.storage.chronicle.Journals.read;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.storage.chronicle.Journals.Collected;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Damage that a start finds: what is intact stays readable, under a new epoch, and all is said. */
class DamageTest {
  private static final int EVENTS = 1500;

  @TempDir Path directory;
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final List<Long> positions = new ArrayList<>();
  private String epoch;
  private ChronicleJournal journal;

  @BeforeEach
  void write() {
    log.start();
    logger().addAppender(log);
    journal = ChronicleJournal.open(Journals.small(directory).build());
    epoch = journal.epoch();
    for (int i = 0; i < EVENTS; i++) {
      positions.add(append(journal, i % 10 == 0 ? null : "c" + i % 3, "event " + i));
    }
    journal.close();
    assertThat(Journals.rollFiles(directory)).hasSizeGreaterThan(3);
  }

  @AfterEach
  void close() {
    logger().detachAppender(log);
    journal.close();
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(ChronicleJournal.class);
  }

  private List<String> reopenAndRead() {
    journal = ChronicleJournal.open(Journals.small(directory).build());
    return read(journal, 0, "c0", "c1", "c2").data();
  }

  private Path fileOf(int event) {
    return QueueNames.file(directory.resolve("queue"), Position.cycle(positions.get(event)));
  }

  private void overwrite(Path file, long offset, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), offset);
    }
  }

  private static byte[] garbage(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + 7);
    }
    return bytes;
  }

  private void assertMended(String said) {
    assertThat(journal.epoch()).isNotEqualTo(epoch);
    List<String> errors =
        log.list.stream()
            .filter(event -> event.getLevel() == Level.ERROR)
            .map(ILoggingEvent::getFormattedMessage)
            .toList();
    assertThat(errors).hasSize(2);
    assertThat(errors.get(0)).contains("is damaged").contains(said);
    assertThat(errors.get(1)).contains(epoch).contains(journal.epoch()).contains("damaged-1");
    assertThat(directory.resolve("damaged-1")).isDirectory();
    String before = journal.epoch();
    long newest = append(journal, "c0", "after");
    assertThat(read(journal, newest - 1, "c0").data()).containsExactly("after");
    journal.close();
    journal = ChronicleJournal.open(Journals.small(directory).build());
    assertThat(journal.epoch()).isEqualTo(before);
  }

  private static List<String> events(int from, int to) {
    List<String> events = new ArrayList<>();
    for (int i = from; i < to; i++) {
      events.add("event " + i);
    }
    return events;
  }

  private static List<String> without(int... events) {
    List<String> rest = events(0, EVENTS);
    for (int event : events) {
      rest.remove("event " + event);
    }
    return rest;
  }

  @Test
  void garbageInTheMiddleCostsOneRecord() throws IOException {
    int victim = EVENTS / 2;
    overwrite(fileOf(victim), Position.offset(positions.get(victim)) + 90, garbage(8));

    assertThat(reopenAndRead()).isEqualTo(without(victim));
    assertThat(log.list.get(log.list.size() - 1).getFormattedMessage())
        .contains((EVENTS - 1) + " intact events")
        .contains("at least 1 events are lost");
    assertMended("garbage instead of a record");
  }

  @Test
  void aBrokenLengthCostsOneRecord() throws IOException {
    int victim = EVENTS / 3;
    overwrite(fileOf(victim), Position.offset(positions.get(victim)) - 4, garbage(4));

    assertThat(reopenAndRead()).contains("event " + (victim + 1)).isEqualTo(without());
    assertMended(fileOf(victim).getFileName().toString());
  }

  @Test
  void aHoleCostsWhatWasInIt() throws IOException {
    int victim = EVENTS - 20;
    long offset = Position.offset(positions.get(victim)) - 4;
    long end = Position.offset(positions.get(victim + 3)) - 4;
    overwrite(fileOf(victim), offset, new byte[(int) (end - offset)]);

    assertThat(reopenAndRead()).isEqualTo(without(victim, victim + 1, victim + 2));
    assertMended("hole of ");
  }

  @Test
  void aZeroedEndIsMissed() throws IOException {
    int victim = EVENTS - 5;
    long offset = Position.offset(positions.get(victim)) - 4;
    overwrite(fileOf(victim), offset, new byte[8192]);

    assertThat(reopenAndRead()).isEqualTo(events(0, victim));
    assertMended("were committed up to position");
  }

  @Test
  void aTruncatedFileIsMissed() throws IOException {
    int victim = EVENTS - 5;
    try (FileChannel channel = FileChannel.open(fileOf(victim), StandardOpenOption.WRITE)) {
      channel.truncate(Position.offset(positions.get(victim)) + 20);
    }

    assertThat(reopenAndRead()).isEqualTo(events(0, victim));
    assertMended("goes beyond the file");
  }

  @Test
  void anOlderFileThatWasTruncatedIsMissed() throws IOException {
    int victim = EVENTS / 2;
    Path file = fileOf(victim);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(Position.offset(positions.get(victim)) - 4);
    }
    int next = victim;
    while (fileOf(next).equals(file)) {
      next++;
    }
    List<String> rest = events(0, victim);
    rest.addAll(events(next, EVENTS));

    assertThat(reopenAndRead()).isEqualTo(rest);
    assertMended("and the file before it ends at");
  }

  @Test
  void aFileThatIsGoneFromTheMiddleIsMissed() throws IOException {
    List<Path> files = Journals.rollFiles(directory);
    Files.delete(files.get(1));

    assertThat(reopenAndRead()).startsWith("event 0").endsWith("event " + (EVENTS - 1));
    assertMended("and the file before it ends at");
  }

  @Test
  void aFileOfZerosIsMissed() throws IOException {
    Path file = fileOf(EVENTS / 2);
    overwrite(file, 0, new byte[(int) Files.size(file)]);

    assertThat(reopenAndRead()).startsWith("event 0").endsWith("event " + (EVENTS - 1));
    assertMended("no header at offset 0");
  }

  @Test
  void allFilesGoneIsNotAnEmptyJournal() throws IOException {
    for (Path file : Journals.rollFiles(directory)) {
      Files.delete(file);
    }

    assertThat(reopenAndRead()).isEmpty();
    epoch = "unknown"; // it went with the files
    assertMended("all files are gone");
  }

  @Test
  void aMissingWatermarkIsNoProofThatNothingIsMissing() throws IOException {
    Files.delete(directory.resolve("queue").resolve("newest"));

    assertThat(reopenAndRead()).isEqualTo(events(0, EVENTS));
    assertMended("newest position is missing");
  }

  @Test
  void theMetadataOfTheQueueIsNotNeeded() throws IOException {
    Path metadata = directory.resolve("queue").resolve("metadata.cq4t");
    assertThat(metadata).exists();
    Files.write(metadata, garbage(4096));

    assertThat(reopenAndRead()).isEqualTo(events(0, EVENTS));
    assertThat(journal.epoch()).isEqualTo(epoch);
  }

  @Test
  void damageThatComesLaterIsToldAsAGapAndNeverDelivered() throws IOException {
    journal = ChronicleJournal.open(Journals.small(directory).build());
    int victim = 301; // of c1
    overwrite(fileOf(victim), Position.offset(positions.get(victim)) + 85, garbage(3));

    Collected collected = read(journal, 0, "c1");
    assertThat(collected.gaps()).hasSize(1);
    assertThat(collected.gaps().get(0).gap()).isEqualTo(GapReason.EXPIRED);
    assertThat(collected.gaps().get(0).position()).isEqualTo(positions.get(victim));
    assertThat(collected.data())
        .doesNotContain("event " + victim)
        .contains("event 298", "event 304", "event " + (EVENTS - 2));
    assertThat(collected.positions()).isSorted();
    assertThat(log.list.get(log.list.size() - 1).getFormattedMessage())
        .contains("1 damaged records were met");
  }

  @Test
  void aSalvageThatWasKilledBeginsAgain() throws IOException {
    int victim = EVENTS / 2;
    overwrite(fileOf(victim), Position.offset(positions.get(victim)) + 90, garbage(8));
    Path rebuilding = Files.createDirectory(directory.resolve("rebuilding"));
    Files.write(rebuilding.resolve("20261124-1350V.cq4"), garbage(100));

    assertThat(reopenAndRead()).isEqualTo(without(victim));
    assertThat(rebuilding).doesNotExist();
    assertMended("garbage instead of a record");
  }

  @Test
  void aSalvageThatWasKilledWhenItWasWholeIsFinished() throws IOException {
    Files.move(directory.resolve("queue"), directory.resolve("rebuilt"));
    Files.createDirectory(directory.resolve("queue"));

    assertThat(reopenAndRead()).isEqualTo(events(0, EVENTS));
    assertThat(directory.resolve("damaged-1")).isDirectory();
    assertThat(journal.epoch()).isEqualTo(epoch);
  }
}
