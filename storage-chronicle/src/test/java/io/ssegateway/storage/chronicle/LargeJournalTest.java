package io.ssegateway.storage.chronicle;

import static io.ssegateway.storage.chronicle.Journals.append;
import static io.ssegateway.storage.chronicle.Journals.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.SourceOffset;
import io.ssegateway.storage.chronicle.Journals.Item;
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

/** A journal that is too large for every record to be read at its start. */
class LargeJournalTest {
  private static final int CHANNELS = 7;

  @TempDir Path directory;
  private final List<Item> written = new ArrayList<>();
  private ChronicleJournal journal;
  private String epoch;

  private ChronicleJournalOptions.Builder options() {
    return Journals.small(directory).startScanBytes(100_000);
  }

  @BeforeEach
  void write() {
    journal = ChronicleJournal.open(options().build());
    epoch = journal.epoch();
    TestEntry entry = new TestEntry();
    entry.sourceOffset = new SourceOffset("log", "4711");
    write(entry.fill("c1", "the first"));
    write(5000);
    journal.close();
    assertThat(directory.resolve("queue").resolve("heads")).exists();
  }

  @AfterEach
  void close() {
    journal.close();
  }

  private void write(TestEntry entry) {
    long position = append(journal, entry);
    written.add(new Item(position, entry.channel, text(entry), null));
  }

  private static String text(TestEntry entry) {
    byte[] bytes = new byte[entry.payloadLength];
    entry.buffer.getBytes(entry.payloadOffset, bytes);
    return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
  }

  private void write(int events) {
    for (int i = 0; i < events; i++) {
      String channel = i % 13 == 0 ? null : "c" + i % CHANNELS;
      write(TestEntry.of(channel, "event " + i));
    }
  }

  private void reopen() {
    journal = ChronicleJournal.open(options().build());
  }

  private void assertEverythingIsRead() {
    for (int i = 0; i < CHANNELS; i++) {
      String channel = "c" + i;
      assertThat(read(journal, 0, channel).items)
          .isEqualTo(
              written.stream()
                  .filter(item -> item.channel() == null || item.channel().equals(channel))
                  .toList());
    }
  }

  private void overwrite(Item item, int at) throws IOException {
    Path file = QueueNames.file(directory.resolve("queue"), Position.cycle(item.position()));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), Position.offset(item.position()) + at);
    }
  }

  @Test
  void itGoesOnWhereItWas() {
    for (int start = 0; start < 3; start++) {
      reopen();
      assertThat(journal.epoch()).isEqualTo(epoch);
      assertThat(journal.sourceOffsets()).containsEntry("log", "4711");
      assertThat(journal.newestPosition()).isEqualTo(written.get(written.size() - 1).position());
      assertThat(journal.oldestPosition()).isEqualTo(written.get(0).position());
      assertEverythingIsRead();
      write(700);
      assertEverythingIsRead();
      journal.close();
    }
    reopen();
  }

  @Test
  void theStartDoesNotReadOldRecords() throws IOException {
    Item victim = written.get(100);
    overwrite(victim, 82);
    reopen();

    assertThat(journal.epoch()).isEqualTo(epoch);
    assertThat(read(journal, 0, victim.channel()).gaps()).hasSize(1);
  }

  @Test
  void damageInTheNewestFilesIsFound() throws IOException {
    overwrite(written.get(written.size() - 400), 82); // in a file that the heads cover
    reopen();

    assertThat(journal.epoch()).isNotEqualTo(epoch);
  }

  @Test
  void anOldFileThatWasCutOffIsFound() throws IOException {
    Path oldest = Journals.rollFiles(directory).get(1);
    try (FileChannel channel = FileChannel.open(oldest, StandardOpenOption.WRITE)) {
      channel.truncate(40_000);
    }
    reopen();

    assertThat(journal.epoch()).isNotEqualTo(epoch);
    assertThat(read(journal, 0, "c1").data()).startsWith("the first");
  }

  @Test
  void withoutTheHeadsEverythingIsRead() throws IOException {
    Path heads = directory.resolve("queue").resolve("heads");
    byte[] bytes = Files.readAllBytes(heads);
    bytes[bytes.length / 2] ^= 1;
    Files.write(heads, bytes);
    reopen();

    assertThat(journal.epoch()).isEqualTo(epoch);
    assertEverythingIsRead();
  }
}
