package io.ssegateway.transport.netty;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tickets for one stream each: 256 random bits, good once and for a short time, so that what stands
 * in a URL is of no use to who reads it later. Kept by this process only. Only their hashes are
 * kept, so that the time of a look-up tells nothing. Bounded in all, and for each subject, so that
 * none can use up what all need. Thread-safe.
 */
final class Tickets {
  private static final int LEAST_SHARE = 16;
  private static final int SHARES = 100;

  private final InstantSource clock;
  private final int ttlMs;
  private final int most;
  private final int mostOfSubject;

  // guarded by this; all live equally long, so the oldest end first
  private final LinkedHashMap<String, Waiting> waiting = new LinkedHashMap<>();
  private final Map<String, Integer> bySubject = new HashMap<>();

  private record Waiting(Grant grant, long endsAtMs) {}

  Tickets(AuthOptions options, InstantSource clock) {
    this.clock = clock;
    this.ttlMs = options.ticketTtlMs();
    this.most = options.maxTickets();
    this.mostOfSubject = Math.max(LEAST_SHARE, most / SHARES);
  }

  int ttlMs() {
    return ttlMs;
  }

  /**
   * Makes a ticket for a stream with this grant.
   *
   * @return null if too many wait
   */
  @Nullable String issue(Grant grant) {
    String ticket = Tokens.generate();
    Grant ofStream =
        Grant.builder()
            .subject(grant.subject())
            .subscribe(grant.subscribe())
            .expiresAt(grant.expiresAt())
            .build();
    long now = clock.millis();
    synchronized (this) {
      dropEnded(now);
      String subject = grant.subject();
      if (waiting.size() >= most
          || (subject != null && bySubject.getOrDefault(subject, 0) >= mostOfSubject)) {
        return null;
      }
      waiting.put(hash(ticket), new Waiting(ofStream, now + ttlMs));
      if (subject != null) {
        bySubject.merge(subject, 1, Integer::sum);
      }
    }
    return ticket;
  }

  /**
   * Uses a ticket up.
   *
   * @return null if it is unknown, used or over
   */
  @Nullable Grant redeem(String ticket) {
    String hash = hash(ticket);
    long now = clock.millis();
    synchronized (this) {
      dropEnded(now);
      Waiting found = waiting.remove(hash);
      if (found == null) {
        return null;
      }
      forget(found);
      return found.grant;
    }
  }

  private void dropEnded(long now) {
    Iterator<Waiting> oldest = waiting.values().iterator();
    while (oldest.hasNext()) {
      Waiting next = oldest.next();
      if (next.endsAtMs > now) {
        return;
      }
      oldest.remove();
      forget(next);
    }
  }

  private void forget(Waiting gone) {
    String subject = gone.grant.subject();
    if (subject != null) {
      bySubject.computeIfPresent(subject, (name, count) -> count > 1 ? count - 1 : null);
    }
  }

  private static String hash(String ticket) {
    return new String(Tokens.sha256(ticket), StandardCharsets.ISO_8859_1);
  }
}
