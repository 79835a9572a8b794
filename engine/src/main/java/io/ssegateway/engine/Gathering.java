package io.ssegateway.engine;

/**
 * Decides how many events a lane gathers before it begins its next batch, so that under load
 * several events of a channel leave in one write. At calm it never waits.
 *
 * <p>A write costs far more than the bytes in it. What counts as load is the share of its time that
 * the lane would spend if each event were a write of its own: the time a batch took, times the
 * events in an average write. Measured like this the load does not seem to go away as soon as
 * gathering helps. A batch is to hold as many events as bring that share down to {@link #AIM}; it
 * begins the moment they are there, so that no time passes in which nothing comes that is worth
 * waiting for. Should they not come, it begins when they are well overdue. A wait that gathers
 * nothing, because the events are of different channels, is not repeated for a while.
 *
 * <p>Not thread-safe; owned by its lane. All times are of {@link LaneExecutor#nanoTime}.
 */
final class Gathering {
  /** Shortest wait for events that do not come: an executor's timer is not finer. */
  static final long MIN_WAIT_NS = 1_000_000;

  /** Longest wait, and none at all where the next event is not due before. */
  static final long MAX_WAIT_NS = 60_000_000;

  /**
   * Share of its time that a lane may be busy without a wait, and what a wait brings it down to.
   */
  static final double AIM = 0.65;

  /** Events in a write beyond which more of them hardly make it cheaper. */
  static final int MOST_IN_A_WRITE = 16;

  private static final double WEIGHT_OF_LAST = 0.125;
  private static final double OVERDUE = 1.25;
  private static final double WORTH_IT = 1.25;
  private static final int MAX_PASSES = 256;

  private long beganNs;
  private long intervalNs;
  private long lastTookNs;
  private double load;

  /** Events of the ring for each that an average write holds: one, if all are of one channel. */
  private double ringEventsForEach = 1;

  private double eventIntervalNs;
  private long worthwhile = 1;
  private boolean waited;
  private long endNs;
  private int passesAfterFailure;
  private int passes;

  /**
   * How long to wait until a batch may begin.
   *
   * @param pending events of the ring that it would hold, at least one
   * @return ns, 0 or less to begin now
   */
  long waitNs(long pending, long nowNs) {
    if (pending >= worthwhile) {
      return 0;
    }
    if (!waited) {
      waited = true;
      double expectedNs = OVERDUE * (worthwhile - pending) * eventIntervalNs;
      long mostNs = Math.min(MAX_WAIT_NS, 2 * lastTookNs);
      endNs = nowNs + Math.max(MIN_WAIT_NS, Math.min(mostNs, (long) expectedNs));
    }
    return endNs - nowNs;
  }

  /** A batch begins. */
  void began(long nowNs) {
    intervalNs = nowNs - beganNs;
    beganNs = nowNs;
  }

  /**
   * A batch is over.
   *
   * @param events of the ring since the batch before it
   * @param writes made for it
   * @param deliveries events in those writes, each counted once for each connection
   */
  void finished(long nowNs, long events, long writes, long deliveries) {
    boolean hasWaited = waited;
    waited = false;
    worthwhile = 1;
    if (writes == 0) {
      return;
    }
    long tookNs = nowNs - beganNs;
    long spanNs = Math.max(1, Math.max(intervalNs, tookNs));
    double gathered = (double) deliveries / writes;
    lastTookNs = tookNs;
    load += (tookNs * gathered / spanNs - load) * WEIGHT_OF_LAST;
    ringEventsForEach += (events / gathered - ringEventsForEach) * WEIGHT_OF_LAST;
    eventIntervalNs += ((double) spanNs / events - eventIntervalNs) * WEIGHT_OF_LAST;
    if (hasWaited) {
      noteOutcome(gathered);
    }
    if (load <= AIM) {
      return;
    }
    if (passes > 0) {
      passes--;
      return;
    }
    double inAWrite = Math.min(MOST_IN_A_WRITE, Math.ceil(load / AIM));
    long wanted = Math.max(2, Math.round(inAWrite * ringEventsForEach));
    long comeInTime = 1 + (long) (MAX_WAIT_NS / eventIntervalNs);
    worthwhile = Math.min(wanted, comeInTime);
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
