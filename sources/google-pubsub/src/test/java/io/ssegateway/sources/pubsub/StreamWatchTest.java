package io.ssegateway.sources.pubsub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StreamWatchTest {
  private final AtomicLong nowNs = new AtomicLong();
  private final AtomicLong reconnects = new AtomicLong();
  private final StreamWatch watch = new StreamWatch(nowNs::get, reconnects);

  private void pass(long ms) {
    nowNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
  }

  @Test
  void aStreamIsUpOnceItIsAnsweredOrHasLasted() {
    assertThat(watch.health().up()).isFalse();
    watch.opened();
    assertThat(watch.health().up()).isFalse();
    watch.answered();
    assertThat(watch.health().up()).isTrue();
  }

  @Test
  void aQuietStreamIsUpAfterASecond() {
    watch.opened();
    pass(1_000);
    assertThat(watch.health().up()).isTrue();
  }

  @Test
  void aStreamThatIsMadeAgainAtOnceWasNeverDown() {
    watch.opened();
    watch.answered();
    watch.ended("stream ended: UNAVAILABLE");
    assertThat(watch.health().up()).isTrue();
    pass(1_999);
    assertThat(watch.health().up()).isTrue();
    pass(1);
    assertThat(watch.health().up()).isFalse();
    assertThat(watch.health().detail()).isEqualTo("stream ended: UNAVAILABLE");
    watch.opened();
    watch.answered();
    assertThat(watch.health().up()).isTrue();
    assertThat(reconnects).hasValue(1);
  }

  @Test
  void streamsThatAreRefusedAtOnceAreNotUp() {
    for (int i = 0; i < 3; i++) {
      watch.opened();
      pass(100);
      watch.ended("stream ended: PERMISSION_DENIED");
      assertThat(watch.health().up()).isFalse();
    }
    assertThat(reconnects).hasValue(0);
  }
}
