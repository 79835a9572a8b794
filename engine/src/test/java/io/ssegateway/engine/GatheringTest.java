package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GatheringTest {
  private static final long US = 1_000;
  private static final long MS = 1_000_000;

  private final Gathering gathering = new Gathering();
  private long now = 1;
  private long waitedNs;
  private long longestNs;

  /** A steady load: every event goes to so many connections, and each write takes so long. */
  private double writesForEachDelivery(
      long eventIntervalNs, int connections, long writeNs, int events) {
    long published = 0;
    long sent = 0;
    long writes = 0;
    long deliveries = 0;
    long start = now;
    longestNs = 0;
    while (sent < events) {
      published = Math.min(events, (now - start) / eventIntervalNs + 1);
      long nextAt = start + published * eventIntervalNs;
      if (published == sent) {
        now = nextAt;
        continue;
      }
      long wait = gathering.waitNs(published - sent, now);
      if (wait > 0) {
        long until = published == events ? now + wait : Math.min(now + wait, nextAt);
        waitedNs += until - now;
        now = until;
        continue;
      }
      gathering.began(now);
      now += connections * writeNs;
      gathering.finished(now, published - sent, connections, connections * (published - sent));
      longestNs = Math.max(longestNs, now - (start + sent * eventIntervalNs));
      writes += connections;
      deliveries += connections * (published - sent);
      sent = published;
    }
    return (double) writes / deliveries;
  }

  @Test
  void waitsNeverAtCalm() {
    assertThat(writesForEachDelivery(10 * MS, 1000, 4 * US, 500)).isEqualTo(1);
    assertThat(writesForEachDelivery(100 * MS, 10_000, 6 * US, 100)).isEqualTo(1);
    assertThat(writesForEachDelivery(500 * US, 1, 5 * US, 10_000)).isEqualTo(1);
    assertThat(waitedNs).isZero();
  }

  @Test
  void gathersUnderLoadAndGoesOnDoingSo() {
    assertThat(writesForEachDelivery(2_500 * US, 1000, 3_000, 4_000)).isLessThan(0.55);
    assertThat(writesForEachDelivery(500 * US, 100, 3_900, 10_000)).isLessThan(0.55);
    assertThat(writesForEachDelivery(50 * MS, 10_000, 5 * US, 400)).isLessThan(0.55);
  }

  @Test
  void beginsTheMomentThatWhatItWaitsForIsThere() {
    writesForEachDelivery(50 * MS, 10_000, 4_500, 100); // 45 ms a batch: two events are worth it

    writesForEachDelivery(
        50 * MS, 10_000, 4_500, 99); // the last would wait for one that never comes

    assertThat(longestNs).isLessThanOrEqualTo(50 * MS + 45 * MS + 50 * MS);
  }

  @Test
  void doesNotWaitForAnEventThatIsFarOff() {
    assertThat(writesForEachDelivery(100 * MS, 10_000, 8 * US, 400)).isEqualTo(1);
    assertThat(waitedNs).isZero();
  }

  @Test
  void stopsWaitingWhenTheLoadIsOver() {
    writesForEachDelivery(500 * US, 100, 3_900, 2_000);
    waitedNs = 0;

    writesForEachDelivery(10 * MS, 100, 3_900, 100);

    assertThat(waitedNs).isLessThan(60 * MS);
    waitedNs = 0;
    writesForEachDelivery(10 * MS, 100, 3_900, 100);
    assertThat(waitedNs).isZero();
  }

  @Test
  void doesNotGoOnWaitingWhereNothingIsGathered() {
    long waits = 0;
    for (int i = 0; i < 10_000; i++) {
      gathering.began(now);
      now += 10 * MS; // a thousand channels, an event for each
      gathering.finished(now, 1000, 1000, 1000);
      long waitNs = gathering.waitNs(1, now);
      if (waitNs > 0) {
        waits++;
        now += waitNs;
      }
    }
    assertThat(waits).isBetween(1L, 60L);
  }

  @Test
  void waitsWithinItsBoundsForEventsThatDoNotCome() {
    for (int i = 0; i < 100; i++) {
      gathering.began(now);
      now += 110 * MS;
      gathering.finished(now, 2, 10, 20);
    }
    assertThat(gathering.waitNs(1, now)).isEqualTo(Gathering.MAX_WAIT_NS);
    for (int i = 0; i < 100; i++) {
      gathering.began(now);
      now += 10 * US;
      gathering.finished(now, 2, 10, 20);
    }
    assertThat(gathering.waitNs(1, now)).isEqualTo(Gathering.MIN_WAIT_NS);
    assertThat(gathering.waitNs(1, now + Gathering.MIN_WAIT_NS)).isZero();
  }

  @Test
  void asksForNoMoreThanMakesWritesCheaper() {
    for (int i = 0; i < 100; i++) {
      gathering.began(now);
      now += 10 * MS; // busy with bytes, not with writes: a hundred events in each
      gathering.finished(now, 100, 10, 1000);
    }
    assertThat(gathering.waitNs(Gathering.MOST_IN_A_WRITE, now)).isZero();
  }

  @Test
  void aBatchForNobodyChangesNothing() {
    gathering.began(now);
    gathering.finished(now + MS, 1, 0, 0);

    assertThat(gathering.waitNs(1, now + MS)).isZero();
  }
}
