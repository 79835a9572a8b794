package io.ssegateway.engine;

/**
 * Takes the time from publish to write. The clock is not read for each write, but when a batch or a
 * slice is over and after so many writes or windows, for all of them at once. Owned by its lane;
 * allocates nothing.
 */
final class WriteTimes {
  /** Writes, and windows, after which the clock is read. */
  static final int STRIDE = 64;

  private final TimeRecorder recorder;
  private final long[] publishedNs = new long[STRIDE];
  private final long[] deliveries = new long[STRIDE];
  private int windows;
  private int writes;

  WriteTimes(TimeRecorder recorder) {
    this.recorder = recorder;
  }

  /**
   * A window, or a part of it, was written.
   *
   * @param published when the oldest event in it was published, in the time of {@link
   *     System#nanoTime}
   * @param windowWrites number of writes
   * @param windowDeliveries events in those writes
   */
  void wrote(long published, int windowWrites, long windowDeliveries) {
    if (windowWrites == 0) {
      return;
    }
    publishedNs[windows] = published;
    deliveries[windows++] = windowDeliveries;
    writes += windowWrites;
    if (windows == STRIDE || writes >= STRIDE) {
      flush();
    }
  }

  /** Reads the clock for what was written since the last time. */
  void flush() {
    if (windows > 0) {
      flush(System.nanoTime());
    }
  }

  private void flush(long nowNs) {
    for (int i = 0; i < windows; i++) {
      recorder.record(nowNs - publishedNs[i], deliveries[i]);
    }
    windows = 0;
    writes = 0;
  }
}
