package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

class SubscriberDirectoryTest {
  private static final int LANES = 4;
  private static final int CHANNELS = 5;

  /** Notes F and L for each channel; told in the order that the directory promises. */
  private static final class Notes implements SubscriberDirectory.Observer {
    final Map<String, String> notes = new ConcurrentHashMap<>();

    @Override
    public void onFirst(String channel) {
      notes.merge(channel, "F", String::concat);
    }

    @Override
    public void onLast(String channel) {
      notes.merge(channel, "L", String::concat);
    }
  }

  @Test
  void aChannelIsKnownAsLongAsItHasAConnectionAndOnWhichLanes() {
    Notes notes = new Notes();
    SubscriberDirectory directory = new SubscriberDirectory(notes);
    directory.added("a", 0);
    directory.added("a", 63);
    directory.added("a", 63);
    assertThat(directory.count("a")).isEqualTo(3);
    assertThat(directory.lanesOf("a")).isEqualTo(1L | 1L << 63);
    directory.removed("a", 63, false);
    assertThat(directory.lanesOf("a")).isEqualTo(1L | 1L << 63);
    directory.removed("a", 63, true);
    assertThat(directory.lanesOf("a")).isEqualTo(1L);
    assertThat(directory.channels()).containsExactly(new LocalSubscribers.ChannelStats("a", 1));
    directory.removed("a", 0, true);
    assertThat(directory.channelCount()).isZero();
    assertThat(directory.lanesOf("a")).isZero();
    directory.removed("a", 0, true); // unknown: nothing to do
    assertThat(notes.notes.get("a")).isEqualTo("FL");
  }

  @Test
  void firstAndLastAreToldOnceAndInTurnHoweverTheLanesMeet() throws Exception {
    long seed = Long.getLong("ssegateway.directory.seed", ThreadLocalRandom.current().nextLong());
    Notes notes = new Notes();
    SubscriberDirectory directory = new SubscriberDirectory(notes);
    Random dice = new Random(seed);
    List<Thread> lanes = new ArrayList<>();
    for (int lane = 0; lane < LANES; lane++) {
      int index = lane;
      Random own = new Random(dice.nextLong());
      Thread thread = new Thread(() -> comeAndGo(directory, index, own));
      thread.start();
      lanes.add(thread);
    }
    for (Thread lane : lanes) {
      lane.join(20_000);
    }
    assertThat(directory.channelCount()).as("seed %d", seed).isZero();
    assertThat(notes.notes).hasSize(CHANNELS);
    notes.notes.forEach((channel, told) -> assertThat(told).as(channel).matches("(FL)+"));
  }

  private static void comeAndGo(SubscriberDirectory directory, int lane, Random dice) {
    int[] here = new int[CHANNELS];
    for (int i = 0; i < 20_000; i++) {
      int channel = dice.nextInt(CHANNELS);
      if (here[channel] > 0 && dice.nextInt(2 + here[channel]) > 0) {
        here[channel]--;
        directory.removed("channel-" + channel, lane, here[channel] == 0);
      } else {
        here[channel]++;
        directory.added("channel-" + channel, lane);
      }
    }
    for (int channel = 0; channel < CHANNELS; channel++) {
      while (here[channel] > 0) {
        here[channel]--;
        directory.removed("channel-" + channel, lane, here[channel] == 0);
      }
    }
  }
}
