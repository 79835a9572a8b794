package io.ssegateway.sources.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class KafkaSourceOptionsTest {
  private static KafkaSourceOptions.Builder options() {
    return KafkaSourceOptions.builder("localhost:9092").topics("a");
  }

  @Test
  void aWrongOptionIsNamedWithItsValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().topicPattern("a.*").build())
        .withMessage("topics: [a], topicPattern: a.* (expected: one of the two)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().topics().topicPattern("(").build())
        .withMessageContaining("topicPattern: \"(\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().backoffMs(100, 50).build())
        .withMessage("maxBackoffMs: 50 (expected: from 100 to 3600000)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().clientProperty("group.id", "g").build())
        .withMessageContaining("group.id=g (expected: not set");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().clientProperty("bootstrap.servers", " ").build())
        .withMessageContaining("bootstrap.servers is missing");
  }

  @Test
  void noClientPropertysValueIsShown() {
    assertThat(options().clientProperty("sasl.jaas.config", "hunter2").build().toString())
        .contains("sasl.jaas.config")
        .doesNotContain("hunter2");
  }
}
