package io.ssegateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TimeRecorderTest {
  private final Timings timings = new Timings();
  private final TimeRecorder recorder = timings.newRecorder(Timing.REPLAY);

  private TimeHistogram histogram() {
    return timings.get(Timing.REPLAY);
  }

  @Test
  void everyTimeFallsIntoABucketThatHoldsItAndIsAtMostASixteenthWide() {
    long below = -1;
    for (int bucket = 0; bucket < TimeRecorder.BUCKETS; bucket++) {
      long upper = TimeRecorder.upperBoundUs(bucket);
      long width = upper - below;
      assertThat(width).isPositive();
      assertThat(width).isLessThanOrEqualTo(Math.max(1, (below + 1) / 16));
      below = upper;
    }
    assertThat(below).as("134 s").isEqualTo((1L << 27) - 1);
  }

  @Test
  void aPercentileIsTheTimeRoundedUpToItsBucket() {
    long seed = Long.getLong("ssegateway.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      TimeRecorder one = new TimeRecorder();
      long us = 1 + (long) Math.pow(2, random.nextDouble() * 26.9);
      one.record(us * 1000, 1);
      long[] buckets = new long[TimeRecorder.BUCKETS];
      TimeHistogram histogram = new TimeHistogram(buckets, one.addTo(buckets));
      assertThat(histogram.percentileUs(0.5))
          .as("%s µs, seed %s", us, seed)
          .isBetween(us, us + us / 16);
    }
  }

  @Test
  void percentilesCountsAndSumAreThoseOfWhatWasRecorded() {
    for (int us = 1; us <= 1000; us++) {
      recorder.record(us * 1000L, 1);
    }
    recorder.record(5_000_000, 9); // 5 ms, nine times
    TimeHistogram histogram = histogram();

    assertThat(histogram.count()).isEqualTo(1009);
    assertThat(histogram.sumNs()).isEqualTo(500_500_000L + 45_000_000L);
    assertThat(histogram.percentileUs(0.5)).isBetween(505L, 540L);
    assertThat(histogram.percentileUs(1)).isBetween(5000L, 5320L);
    assertThat(histogram.countBelowUs(512)).isEqualTo(511);
    assertThat(histogram.countBelowUs(1 << 20)).isEqualTo(1009);
    assertThat(histogram.toString()).startsWith("TimeHistogram[count=1009, p50=");
  }

  @Test
  void recordersOfSeveralWritersAreSummedAndTimeThatWasIsTakenOff() {
    recorder.record(1_000, 1);
    TimeHistogram before = histogram();
    timings.newRecorder(Timing.REPLAY).record(2_000_000, 3);
    TimeHistogram since = histogram().since(before);

    assertThat(histogram().count()).isEqualTo(4);
    assertThat(since.count()).isEqualTo(3);
    assertThat(since.sumNs()).isEqualTo(6_000_000);
    assertThat(since.percentileUs(0)).isBetween(2000L, 2130L);
  }

  @Test
  void timesOutOfRangeCountAsTheNearestThatIs() {
    recorder.record(-5, 1);
    recorder.record(Long.MAX_VALUE / 2, 1);
    assertThat(histogram().percentileUs(0)).isZero();
    assertThat(histogram().percentileUs(1)).isEqualTo((1L << 27) - 1);
  }

  @Test
  void nothingRecordedIsZero() {
    assertThat(histogram().percentileUs(0.99)).isZero();
    assertThatThrownBy(() -> histogram().percentileUs(99))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("share: 99.0 (expected: from 0 to 1)");
  }
}
