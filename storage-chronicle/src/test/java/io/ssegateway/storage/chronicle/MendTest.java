package io.ssegateway.storage.chronicle;

import static io.ssegateway.storage.chronicle.Journals.append;
import static io.ssegateway.storage.chronicle.Journals.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.engine.journal.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queue fails under a journal that goes on living. */
class MendTest {
  @TempDir Path directory;

  private ChronicleJournal open() {
    return ChronicleJournal.open(Journals.small(directory).build());
  }

  /** A directory stands where the next file is to be made, so that it cannot be. */
  private Path blockNextFile() throws IOException {
    List<Path> files = Journals.rollFiles(directory);
    int cycle =
        QueueNames.list(directory.resolve("queue")).stream()
            .mapToInt(file -> file.cycle)
            .max()
            .orElseThrow();
    Path next = QueueNames.file(directory.resolve("queue"), cycle + 1);
    assertThat(files).doesNotContain(next);
    return Files.createDirectory(next);
  }

  /** Appends until one is refused; answers what was taken. */
  private static List<String> appendUntilRefused(ChronicleJournal journal, String prefix) {
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      TestEntry entry = TestEntry.of("a", prefix + i + "-".repeat(500));
      journal.append(entry);
      journal.commit();
      if (entry.refusal != null) {
        assertThat(entry.refusal).isEqualTo(Refusal.JOURNAL_FULL);
        return taken;
      }
      taken.add(prefix + i + "-".repeat(500));
    }
    throw new AssertionError("nothing was refused");
  }

  @Test
  void aFileThatCannotBeBegunStopsAppendsUntilTheNextUpkeepBeginsAnother() throws IOException {
    List<String> written;
    String epoch;
    try (ChronicleJournal journal = open()) {
      epoch = journal.epoch();
      Path obstacle = blockNextFile();
      written = appendUntilRefused(journal, "before ");
      assertThat(written).isNotEmpty();
      assertThat(journal.refusesBecause()).contains("the queue failed");
      TestEntry meanwhile = TestEntry.of("a", "meanwhile");
      journal.append(meanwhile);
      assertThat(meanwhile.refusal).isEqualTo(Refusal.JOURNAL_FAILED);

      journal.maintain();
      assertThat(journal.refusesBecause()).isNull();
      assertThat(obstacle).doesNotExist();
      append(journal, "a", "after");
      written.add("after");
      assertThat(read(journal, 0, "a").data()).isEqualTo(written);
      assertThat(read(journal, 0, "a").gaps()).isEmpty();
    }
    try (ChronicleJournal journal = open()) {
      assertThat(journal.epoch()).isEqualTo(epoch);
      assertThat(read(journal, 0, "a").data()).isEqualTo(written);
      assertThat(read(journal, 0, "a").gaps()).isEmpty();
    }
  }

  @Test
  void whatCannotBeMendedIsTriedAgain() throws IOException {
    try (ChronicleJournal journal = open()) {
      Path obstacle = blockNextFile();
      Files.createFile(obstacle.resolve("something")); // so that it cannot be removed either
      List<String> written = appendUntilRefused(journal, "before ");

      journal.maintain();
      assertThat(journal.refusesBecause()).contains("could not be opened again");

      Files.delete(obstacle.resolve("something"));
      journal.maintain();
      assertThat(journal.refusesBecause()).isNull();
      append(journal, "a", "after");
      written.add("after");
      assertThat(read(journal, 0, "a").data()).isEqualTo(written);
    }
  }

  @Test
  void aQueueThatFailsInTheMiddleOfAFileIsGoneOnWithBehindItsLastRecord() {
    Path queue = directory.resolve("queue");
    JournalState state = new JournalState(100);
    JournalAppender appender =
        new JournalAppender(state, new QueueWriter(queue, 1024 * 1024, 1), "epoch");
    appender.begin(1);
    long first = put(appender, "1");
    appender.writer().close(); // as if Chronicle had given up
    assertThatThrownBy(() -> put(appender, "lost")).isNotNull();
    assertThat(appender.isBroken()).isTrue();

    appender.mend(1024 * 1024, 1);
    assertThat(appender.isBroken()).isFalse();
    long second = put(appender, "2");
    appender.close();
    state.files.retireAll();

    assertThat(Position.cycle(second)).isGreaterThan(Position.cycle(first));
    Watermark.open(queue, second).close();
    StartScan scan = StartScan.run(queue, 100, 1 << 30);
    assertThat(scan.problem).isNull();
    assertThat(scan.state().newestEvent).isEqualTo(second);
    ChannelHead head = scan.state().heads.get("a");
    assertThat(head).isNotNull();
    assertThat(head.ordinal).isEqualTo(2);
    scan.state().files.retireAll();
  }

  @Test
  void aFileThatIsDamagedIsNotGoneOnWith() throws IOException {
    Path queue = directory.resolve("queue");
    JournalState state = new JournalState(100);
    JournalAppender appender =
        new JournalAppender(state, new QueueWriter(queue, 1024 * 1024, 1), "epoch");
    appender.begin(1);
    long position = put(appender, "1");
    appender.writer().close();
    assertThatThrownBy(() -> put(appender, "lost")).isNotNull();
    try (FileChannel file = FileChannel.open(QueueNames.file(queue, 1), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(16), Position.offset(position));
    }

    assertThatThrownBy(() -> appender.mend(1024 * 1024, 1))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("is damaged: garbage instead of a record");
    appender.close();
    state.files.retireAll();
  }

  private static long put(JournalAppender appender, String data) {
    TestEntry entry = TestEntry.of("a", data);
    appender.begin(entry);
    return appender.append(entry);
  }
}
