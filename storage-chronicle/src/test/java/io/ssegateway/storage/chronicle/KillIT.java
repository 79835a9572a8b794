package io.ssegateway.storage.chronicle;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.storage.chronicle.Journals.Collected;
import io.ssegateway.storage.chronicle.Journals.Item;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that publishes is killed again and again. What it was told to be journalled is there
 * afterwards, once and in order; the source's offset never disagrees with the events.
 */
class KillIT {
  private static final int ROUNDS = Integer.getInteger("ssegateway.kill.rounds", 10);

  @TempDir Path directory;

  @Test
  void everyAcknowledgedEventIsThereOnceAndInOrder() {
    long seed = Long.getLong("ssegateway.seed", System.nanoTime());
    System.out.println("ssegateway.seed=" + seed);
    Random random = new Random(seed);
    Map<Long, Long> acknowledged = new HashMap<>();
    long next = 0;
    String epoch = null;
    for (int round = 0; round < ROUNDS; round++) {
      try (ChildJvm child =
          ChildJvm.start(
              List.of(), ChildPublisher.class, directory.toString(), Long.toString(next))) {
        String said = child.awaitLine("epoch ");
        if (epoch != null) {
          assertThat(said).as("round %d", round).isEqualTo(epoch);
        }
        epoch = said;
        long offset = offset(child.awaitLine("offset "));
        assertThat(offset).isLessThan(next);
        int lines = 50 + random.nextInt(1500);
        while (lines-- > 0) {
          next = take(child.readLine(), acknowledged, next);
        }
        child.kill(); // and what is still in the pipe was acknowledged too
        for (String line = child.readLine(); line != null; line = child.readLine()) {
          next = take(line, acknowledged, next);
        }
        next += 100_000; // numbers that may be in the journal unacknowledged are not used again
      }
    }
    check(acknowledged, epoch);
  }

  private static long offset(String line) {
    String text = line.substring("offset ".length());
    return text.equals("none") ? -1 : Long.parseLong(text);
  }

  private static long take(String line, Map<Long, Long> acknowledged, long next) {
    if (line == null || !line.matches("ack \\d+ \\d+")) {
      assertThat(line)
          .satisfiesAnyOf(l -> assertThat(l).isNull(), l -> assertThat(l).startsWith("a"));
      return next;
    }
    String[] words = line.split(" ", -1);
    long number = Long.parseLong(words[1]);
    acknowledged.put(number, Long.parseLong(words[2]));
    return Math.max(next, number + 1);
  }

  private void check(Map<Long, Long> acknowledged, String epoch) {
    try (ChronicleJournal journal = ChronicleJournal.open(Journals.small(directory).build())) {
      assertThat("epoch " + journal.epoch()).isEqualTo(epoch);
      List<Item> all = new ArrayList<>();
      for (int i = 0; i < ChildPublisher.CHANNELS; i++) {
        Collected collected = Journals.read(journal, 0, "c" + i);
        assertThat(collected.gaps()).isEmpty();
        assertThat(collected.positions()).isSorted().doesNotHaveDuplicates();
        int own = i;
        List<Item> items = collected.items;
        assertThat(items.stream().map(item -> Long.parseLong(item.data())).toList())
            .as("order of c%d", own)
            .isSorted()
            .doesNotHaveDuplicates();
        items.stream().filter(item -> item.channel() != null || own == 0).forEach(all::add);
      }
      Map<Long, Long> found = new HashMap<>();
      all.forEach(item -> found.put(Long.parseLong(item.data()), item.position()));
      assertThat(found).hasSameSizeAs(all);
      assertThat(found).containsAllEntriesOf(acknowledged);
      Set<Long> unacknowledged = new HashSet<>(found.keySet());
      unacknowledged.removeAll(acknowledged.keySet());
      long newest = found.keySet().stream().mapToLong(Long::longValue).max().orElseThrow();
      assertThat(journal.sourceOffsets()).containsEntry("test", Long.toString(newest));
      System.out.println(
          ROUNDS
              + " kills, "
              + acknowledged.size()
              + " events acknowledged and found, "
              + unacknowledged.size()
              + " found that were not acknowledged yet");
    }
  }
}
