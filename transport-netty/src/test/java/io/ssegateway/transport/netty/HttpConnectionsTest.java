package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HttpConnectionsTest {
  private static final int CONNECTIONS = 1_000;

  private final EventLoop loop = new DefaultEventLoop();
  private final AtomicInteger swept = new AtomicInteger();
  private final AtomicInteger sweptBeforeOthers = new AtomicInteger();
  private final CountDownLatch allSwept = new CountDownLatch(CONNECTIONS);

  /** One whose end takes its time. */
  private final class Late extends SweptHandler {
    private boolean done;

    @Override
    public void sweep(long nowNs) {
      if (done) {
        return;
      }
      done = true;
      if (swept.getAndIncrement() == 0) {
        loop.execute(() -> sweptBeforeOthers.set(swept.get()));
      }
      long end = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(50);
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      allSwept.countDown();
    }

    @Override
    public void closeWhenIdle() {}
  }

  @Test
  void whereManyAreLateTogetherOthersHaveTheirTurnBetween() throws Exception {
    HttpConnections connections =
        new HttpConnections(
            loop,
            null,
            GatewayOptions.DEFAULTS,
            CompressionOptions.DEFAULTS,
            new Admission(0, LimitOptions.DEFAULTS, new TransportCounters(), () -> 0),
            null,
            InstantSource.system());
    try {
      loop.submit(
              () -> {
                for (int i = 0; i < CONNECTIONS; i++) {
                  connections.add(new Late());
                }
                connections.start();
              })
          .get(10, TimeUnit.SECONDS);

      assertThat(allSwept.await(30, TimeUnit.SECONDS)).isTrue();

      assertThat(sweptBeforeOthers.get()).isPositive().isLessThan(CONNECTIONS / 2);
    } finally {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }
}
