package io.ssegateway.engine.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void theBackoffDoublesUpToItsBoundWithJitter() {
    Backoff backoff = new Backoff(100, 1_000, new Random(1));
    for (long full : new long[] {100, 200, 400, 800, 1_000, 1_000}) {
      assertThat(backoff.nextMs()).isBetween(full / 2, full);
    }
    backoff.reset();
    assertThat(backoff.nextMs()).isBetween(50L, 100L);
  }

  @Test
  void boundsThatDoNotFitAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Backoff(100, 50, new Random(1)))
        .withMessage("minMs: 100, maxMs: 50 (expected: 0 < minMs <= maxMs)");
  }
}
