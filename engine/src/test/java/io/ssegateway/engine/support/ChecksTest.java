package io.ssegateway.engine.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ChecksTest {
  @Test
  void theMessageSaysNameValueAndWhatIsExpected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checks.require("bytes", -1, false, "> 0"))
        .withMessage("bytes: -1 (expected: > 0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checks.requireBetween("count", 11, 1, 10))
        .withMessage("count: 11 (expected: from 1 to 10)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checks.requireNotEmpty("key", ""))
        .withMessage("key: \"\" (expected: not empty)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checks.requireName("name", "a b"))
        .withMessage("name: \"a b\" (expected: 1 to 64 of 0-9 A-Z a-z . _ -)");
  }

  @Test
  void boundsAreWithin() {
    Checks.requireBetween("count", 1, 1, 10);
    Checks.requireBetween("count", 10, 1, 10);
    Checks.requireName("name", "kafka-2.orders_A");
    assertThat(Checks.requireNotEmpty("key", "k")).isEqualTo("k");
  }
}
