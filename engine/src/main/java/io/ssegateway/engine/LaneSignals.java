package io.ssegateway.engine;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/**
 * Wakes the lanes that have something to do, and only those: a wake-up costs more than a look at
 * the directory. A lane left asleep is woken when it lags so far that it would hold back the ring.
 * Journal thread, except for adding and removing.
 */
final class LaneSignals {
  private static final long EVERY_LANE = -1L;

  private final EventRing ring;
  private final SubscriberDirectory directory;
  private final int maxLag;
  private volatile Lane[] lanes = new Lane[0];

  LaneSignals(EventRing ring, SubscriberDirectory directory) {
    this.ring = ring;
    this.directory = directory;
    this.maxLag = Math.max(1, ring.size() / 4);
  }

  synchronized void add(Lane lane) {
    Lane[] copy = Arrays.copyOf(lanes, lanes.length + 1);
    copy[lanes.length] = lane;
    lanes = copy;
  }

  synchronized void remove(Lane lane) {
    lanes = Arrays.stream(lanes).filter(l -> l != lane).toArray(Lane[]::new);
  }

  Lane[] lanes() {
    return lanes;
  }

  int sum(ToIntFunction<Lane> figure) {
    return Arrays.stream(lanes).mapToInt(figure).sum();
  }

  /**
   * Wakes them. To be called after the lanes can see the batch: a lane that begins to listen first
   * shows itself in the directory and then looks at the sequence, so one of the two sees the other.
   * Slots may be reused by now, but only those that every lane has passed.
   */
  void signal(long start, long end) {
    VarHandle.fullFence();
    Lane[] all = lanes;
    long interested = all.length < 2 ? EVERY_LANE : interested(start, end);
    for (Lane lane : all) {
      if ((interested >>> lane.index() & 1) != 0 || end - lane.consumed() > maxLag) {
        lane.signal();
      }
    }
  }

  private long interested(long start, long end) {
    long mask = 0;
    for (long s = start; s <= end && mask != EVERY_LANE; s++) {
      RingEvent event = ring.get(s);
      if (event.deliverable) {
        String channel = event.channel;
        mask |= channel == null ? EVERY_LANE : directory.lanesOf(channel);
      }
    }
    return mask;
  }
}
