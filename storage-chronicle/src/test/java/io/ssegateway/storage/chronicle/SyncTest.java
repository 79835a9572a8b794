package io.ssegateway.storage.chronicle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.storage.chronicle.Journals.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncTest {
  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private final List<Path> forced = new ArrayList<>();
  private ChronicleJournal journal;
  private IOException failure;

  private final FileForce force =
      new FileForce() {
        @Override
        void force(Path file) throws IOException {
          if (failure != null) {
            throw failure;
          }
          forced.add(file);
          super.force(file);
        }
      };

  @AfterEach
  void close() {
    failure = null;
    journal.close();
  }

  private void open(SyncPolicy policy) {
    journal =
        ChronicleJournal.open(
            Journals.small(directory).clock(clock).syncPolicy(policy).syncIntervalMs(1000).build(),
            null,
            force);
  }

  private void append(int events) {
    TestEntry entry = new TestEntry();
    for (int i = 0; i < events; i++) {
      journal.append(entry.fill("a", "event " + i));
    }
  }

  @Test
  void withoutAPolicyNothingIsForced() {
    open(SyncPolicy.NONE);
    append(2000);
    journal.commit();
    journal.maintain();

    assertThat(forced).isEmpty();
  }

  @Test
  void aBatchIsForcedBeforeItIsCommitted() {
    open(SyncPolicy.BATCH);
    append(100);
    assertThat(forced).isEmpty();
    long before = journal.newestPosition();
    journal.commit();
    assertThat(forced).hasSize(1);
    assertThat(journal.newestPosition()).isGreaterThan(before);
    journal.commit(); // nothing new
    assertThat(forced).hasSize(1);
  }

  @Test
  void aBatchOverSeveralFilesForcesEachOfThem() {
    open(SyncPolicy.BATCH);
    append(2000);
    journal.commit();

    assertThat(forced).hasSizeGreaterThan(3).doesNotHaveDuplicates();
    assertThat(forced).isEqualTo(Journals.rollFiles(directory));
  }

  @Test
  void aBatchThatCannotBeForcedIsNotCommitted() {
    open(SyncPolicy.BATCH);
    append(10);
    failure = new IOException("staged");

    assertThatThrownBy(() -> journal.commit())
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("cannot be forced to the disk");
    assertThat(journal.newestPosition()).isZero();
    failure = null;
    journal.commit();
    assertThat(journal.newestPosition()).isPositive();
  }

  @Test
  void anIntervalForcesOnceItIsOver() {
    open(SyncPolicy.INTERVAL);
    append(10);
    journal.commit();
    int atFirst = forced.size();
    append(10);
    journal.commit();
    clock.advance(999);
    append(10);
    journal.commit();
    assertThat(forced).hasSize(atFirst);
    clock.advance(1);
    journal.maintain(); // also if nothing more comes
    assertThat(forced).hasSize(atFirst + 1);
    clock.advance(5000);
    journal.maintain(); // nothing new
    assertThat(forced).hasSize(atFirst + 1);
  }

  @Test
  void closingForcesWhatIsLeft() {
    open(SyncPolicy.INTERVAL);
    append(10);
    journal.commit();
    int atFirst = forced.size();
    append(10);
    journal.commit();
    journal.close();

    assertThat(forced).hasSize(atFirst + 1);
  }

  @Test
  void whatIsForcedIsOnTheDisk() throws Exception {
    open(SyncPolicy.BATCH);
    append(100);
    Path file = Journals.rollFiles(directory).get(0);
    long dirtyBefore = dirtyKb(file);
    org.junit.jupiter.api.Assumptions.assumeTrue(
        dirtyBefore > 0, "the kernel does not tell dirty pages of " + Files.getFileStore(file));
    journal.commit();

    assertThat(dirtyKb(file)).isZero();
  }

  /** Dirty pages of this process's mappings of a file. */
  private static long dirtyKb(Path file) throws IOException {
    long dirty = 0;
    boolean ofFile = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        ofFile = line.endsWith(file.toString());
      } else if (ofFile && line.matches("(Shared|Private)_Dirty:.*")) {
        dirty += Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return dirty;
  }
}
