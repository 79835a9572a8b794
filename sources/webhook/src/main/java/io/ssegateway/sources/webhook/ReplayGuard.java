package io.ssegateway.sources.webhook;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The signed requests of late, so that none is taken twice while its timestamp is still good.
 * Bounded: of more the oldest are forgotten. Thread-safe by a lock.
 */
final class ReplayGuard {
  private final int maxEntries;
  private final Map<String, Long> expiries = new LinkedHashMap<>();

  ReplayGuard(int maxEntries) {
    this.maxEntries = maxEntries;
  }

  /** Notes a request; false if it was noted before and is not yet too old. */
  synchronized boolean note(String key, long expiresAtMs, long nowMs) {
    dropExpired(nowMs);
    if (expiries.containsKey(key)) {
      return false;
    }
    if (expiries.size() == maxEntries) {
      expiries.remove(expiries.keySet().iterator().next());
    }
    expiries.put(key, expiresAtMs);
    return true;
  }

  /** Requests come about in the order of their timestamps, so the first are the oldest. */
  private void dropExpired(long nowMs) {
    Iterator<Long> oldest = expiries.values().iterator();
    while (oldest.hasNext() && oldest.next() < nowMs) {
      oldest.remove();
    }
  }

  /** Forgets a request that came to nothing, so that its sender may try again. */
  synchronized void forget(String key) {
    expiries.remove(key);
  }
}
