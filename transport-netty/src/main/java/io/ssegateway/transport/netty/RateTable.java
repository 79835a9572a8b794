package io.ssegateway.transport.netty;

import java.util.concurrent.TimeUnit;

/**
 * Token buckets of very many keys in memory of a fixed size. A bucket is the one time at which it
 * would be full again (the generic cell rate algorithm, ITU-T I.371). Of more keys than have room,
 * the one that is full the soonest is forgotten, which costs nobody a token. Thread-safe.
 */
final class RateTable {
  private static final int WAYS = 8;

  private final long[] keys;
  private final long[] fullAt;
  private final int sets;
  private final long intervalNs;
  private final long burstNs;

  /**
   * Creates an empty table.
   *
   * @param slots keys that it has room for, a power of two
   * @param perSecond tokens that a bucket gets a second
   * @param burst tokens that it holds
   */
  RateTable(int slots, int perSecond, int burst) {
    this.keys = new long[slots];
    this.fullAt = new long[slots];
    this.sets = slots / WAYS;
    this.intervalNs = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.burstNs = intervalNs * burst;
    java.util.Arrays.fill(fullAt, Long.MIN_VALUE);
  }

  /** Takes a token; false if there is none. Time is in ns since any moment, and is not to wrap. */
  boolean take(long key, long nowNs) {
    return take(key, nowNs, 1);
  }

  /**
   * Takes tokens if there is one at least: the bucket may come to owe the others.
   *
   * @return false if there is none, and nothing was taken
   */
  synchronized boolean take(long key, long nowNs, int tokens) {
    int first = Math.floorMod(Long.hashCode(key * 0x9E3779B97F4A7C15L), sets) * WAYS;
    int slot = first;
    for (int i = first; i < first + WAYS; i++) {
      if (keys[i] == key && fullAt[i] != Long.MIN_VALUE) {
        slot = i;
        break;
      }
      if (fullAt[i] < fullAt[slot]) {
        slot = i;
      }
    }
    boolean known = keys[slot] == key && fullAt[slot] != Long.MIN_VALUE;
    long full = known ? Math.max(fullAt[slot], nowNs) : nowNs;
    if (full + intervalNs - nowNs > burstNs) {
      return false;
    }
    keys[slot] = key;
    fullAt[slot] = full + intervalNs * tokens;
    return true;
  }
}
