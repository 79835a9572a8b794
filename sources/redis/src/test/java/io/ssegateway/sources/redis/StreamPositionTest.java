package io.ssegateway.sources.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StreamPositionTest {
  @Test
  void theIdBeforeIsTheGreatestThatIsLess() {
    assertThat(StreamPosition.before("5-3")).isEqualTo("5-2");
    assertThat(StreamPosition.before("5-0")).isEqualTo("4-18446744073709551615");
    assertThat(StreamPosition.before("5")).isEqualTo("4-18446744073709551615");
    assertThat(StreamPosition.before("0-1")).isEqualTo("0-0");
    assertThat(StreamPosition.before("0-0")).isEqualTo("0-0");
  }

  @Test
  void idsAreComparedAsNumbers() {
    assertThat(StreamPosition.isAfter("10-0", "9-5")).isTrue();
    assertThat(StreamPosition.isAfter("9-10", "9-9")).isTrue();
    assertThat(StreamPosition.isAfter("9-9", "9-9")).isFalse();
    assertThat(StreamPosition.isAfter("9", "9-1")).isFalse();
    assertThat(StreamPosition.isAfter("1-18446744073709551615", "1-2")).isTrue();
  }
}
