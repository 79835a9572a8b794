package io.ssegateway.engine;

/**
 * Decides how long a lane waits before it begins its next batch, so that under load several events
 * of a channel leave in one write. At calm it never waits.
 *
 * <p>A write costs far more than the bytes in it. What counts as load is the time that the lane
 * would spend if each event were a write of its own: the time a batch took, times the events in an
 * average write. Measured like this the load does not seem to go away as soon as waiting helps. A
 * wait that gathers nothing, because the events are of different channels, is not repeated for a
 * while.
 *
 * <p>Not thread-safe; owned by its lane. All times are of {@link LaneExecutor#nanoTime}.
 */
final class Gathering {
  /** Shortest wait: an executor's timer is not finer. */
  static final long MIN_WAIT_NS = 1_000_000;

  /** Longest wait. */
  static final long MAX_WAIT_NS = 40_000_000;

  /** Share of the time that the lane would be busy above which it waits. */
  static final double BUSY = 0.7;

  private static final double WEIGHT_OF_LAST = 0.125;
  private static final double WORTH_IT = 1.25;
  private static final int MAX_PASSES = 256;

  private long beganNs;
  private long intervalNs;
  private long readyNs;
  private boolean waited;
  private double load;
  private int passesAfterFailure;
  private int passes;

  /**
   * How long to wait until a batch may begin.
   *
   * @return ns, 0 or less to begin now
   */
  long waitNs(long nowNs) {
    return readyNs == 0 ? 0 : readyNs - nowNs;
  }

  /** A batch begins. */
  void began(long nowNs) {
    intervalNs = nowNs - beganNs;
    beganNs = nowNs;
  }

  /**
   * A batch is over.
   *
   * @param writes made for it
   * @param deliveries events in those writes, each counted once for each connection
   */
  void finished(long nowNs, long writes, long deliveries) {
    readyNs = 0;
    if (writes == 0) {
      return;
    }
    long tookNs = nowNs - beganNs;
    double gathered = (double) deliveries / writes;
    double share = Math.min(2, tookNs * gathered / Math.max(1, Math.max(intervalNs, tookNs)));
    load += (share - load) * WEIGHT_OF_LAST;
    if (waited) {
      noteOutcome(gathered);
    }
    waited = false;
    if (load < BUSY) {
      return;
    }
    if (passes > 0) {
      passes--;
      return;
    }
    waited = true;
    readyNs = nowNs + Math.min(MAX_WAIT_NS, Math.max(MIN_WAIT_NS, tookNs));
  }

  private void noteOutcome(double gathered) {
    if (gathered >= WORTH_IT) {
      passesAfterFailure = 0;
    } else {
      passesAfterFailure = Math.min(MAX_PASSES, passesAfterFailure * 2 + 1);
      passes = passesAfterFailure;
    }
  }
}
