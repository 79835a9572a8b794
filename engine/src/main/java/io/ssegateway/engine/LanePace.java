package io.ssegateway.engine;

import java.util.concurrent.TimeUnit;

/**
 * Shares a lane's thread between the delivery of live events and connections that come. A storm of
 * reconnects must not hold up those who are there. While live events are being delivered, accepting
 * connections and beginning their streams gets one part in {@value #SHARE} of the time, otherwise
 * all of it. What replays may take is not limited here: a slow client has to catch up.
 *
 * <p>Whoever has used the thread leaves it to others for so much longer before the next may; a
 * little is lent, so that the few who come on an ordinary day do not wait. (The generic cell rate
 * algorithm of ITU-T I.371, over time used instead of cells.)
 *
 * <p>To be told on the lane's thread. Any thread may ask.
 */
public final class LanePace {
  /** Those who come get one part in so many. */
  static final int SHARE = 8;

  /** What they may be ahead of their share. */
  static final long LENT_NS = TimeUnit.MILLISECONDS.toNanos(2);

  /** So long after a delivery the next one is not expected, and nobody held up for it. */
  static final long LIVE_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final LaneExecutor executor;
  private volatile long paidUntilNs;
  private volatile long deliveredNs;

  LanePace(LaneExecutor executor) {
    this.executor = executor;
    long now = executor.nanoTime();
    paidUntilNs = now;
    deliveredNs = now - LIVE_NS;
  }

  /** Live events were delivered. */
  void delivered(long nowNs) {
    deliveredNs = nowNs;
  }

  /**
   * For how long those who come have to wait before they ask again, in ns; 0 or less if not at all.
   * Any thread.
   */
  public long waitNs() {
    long now = executor.nanoTime();
    return Math.min(paidUntilNs - LENT_NS, deliveredNs + LIVE_NS) - now;
  }

  /**
   * Until now the thread worked for those who come.
   *
   * @param beganNs when it began, in the time of the lane's {@link LaneExecutor#nanoTime}
   */
  public void spentSince(long beganNs) {
    long used = executor.nanoTime() - beganNs;
    long from = paidUntilNs - beganNs > 0 ? paidUntilNs : beganNs;
    paidUntilNs = from + SHARE * used;
  }
}
