package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

class LeakGuardExtensionTest {

  @Test
  void lostBufferIsRecordedWithTheTraceOfItsLastUse() throws Exception {
    loseBuffer();

    List<String> leaks = LeakGuardExtension.drain();

    assertThat(leaks).hasSize(1);
    assertThat(leaks.get(0)).contains("ByteBuf").contains("loseBuffer");
    assertThat(LeakGuardExtension.drain()).isEmpty();
  }

  @Test
  void releasedBufferIsNotRecorded() throws Exception {
    ByteBufAllocator.DEFAULT.buffer(64).writeInt(1).release();

    assertThat(LeakGuardExtension.drain()).isEmpty();
  }

  @Test
  void bufferStillInUseIsNotRecorded() throws Exception {
    ByteBuf held = ByteBufAllocator.DEFAULT.buffer(64);

    assertThat(LeakGuardExtension.drain()).isEmpty();

    held.release();
  }

  @Test
  void testClassThatLeaksFailsThoughItsTestsPass() {
    EngineExecutionResults results = run(LeakingCase.class);

    results.testEvents().assertStatistics(stats -> stats.succeeded(1).failed(0));
    results.containerEvents().assertStatistics(stats -> stats.failed(1));
  }

  @Test
  void testClassThatReleasesPasses() {
    EngineExecutionResults results = run(TidyCase.class);

    results.testEvents().assertStatistics(stats -> stats.succeeded(1).failed(0));
    results.containerEvents().assertStatistics(stats -> stats.failed(0));
  }

  private static EngineExecutionResults run(Class<?> testClass) {
    return EngineTestKit.engine("junit-jupiter")
        .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
        .selectors(selectClass(testClass))
        .execute();
  }

  private static void loseBuffer() {
    ByteBufAllocator.DEFAULT.buffer(64).writeInt(1);
  }

  static class LeakingCase {
    @Test
    void leaks() {
      ByteBufAllocator.DEFAULT.directBuffer(32).writeLong(1);
    }
  }

  static class TidyCase {
    @Test
    void releases() {
      ByteBufAllocator.DEFAULT.directBuffer(32).writeLong(1).release();
    }
  }
}
