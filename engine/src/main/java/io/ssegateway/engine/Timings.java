package io.ssegateway.engine;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** All recorders of an engine: one for each writer and timing, summed when they are read. */
final class Timings {
  private final Map<Timing, List<TimeRecorder>> recorders = new EnumMap<>(Timing.class);

  Timings() {
    for (Timing timing : Timing.values()) {
      recorders.put(timing, new CopyOnWriteArrayList<>());
    }
  }

  /** A recorder for a thread that nobody else writes to. */
  TimeRecorder newRecorder(Timing timing) {
    TimeRecorder recorder = new TimeRecorder();
    of(timing).add(recorder);
    return recorder;
  }

  TimeHistogram get(Timing timing) {
    long[] buckets = new long[TimeRecorder.BUCKETS];
    long sumNs = 0;
    for (TimeRecorder recorder : of(timing)) {
      sumNs += recorder.addTo(buckets);
    }
    return new TimeHistogram(buckets, sumNs);
  }

  private List<TimeRecorder> of(Timing timing) {
    List<TimeRecorder> all = recorders.get(timing);
    if (all == null) {
      throw new IllegalStateException("timing: " + timing);
    }
    return all;
  }
}
