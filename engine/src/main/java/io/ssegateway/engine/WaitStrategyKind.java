package io.ssegateway.engine;

import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.LiteBlockingWaitStrategy;
import com.lmax.disruptor.PhasedBackoffWaitStrategy;
import com.lmax.disruptor.SleepingWaitStrategy;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import java.util.concurrent.TimeUnit;

/** How the journal thread waits for events: latency against the cost of an idle core. */
public enum WaitStrategyKind {
  /** Lock and condition; an idle core is idle. The default. */
  BLOCKING,
  /** As blocking, with fewer signals while it is awake anyway. */
  LITE_BLOCKING,
  /** Spins, then yields, then blocks. */
  PHASED,
  /** Spins, then sleeps for short times: about a quarter of a core when idle. */
  SLEEPING,
  /** Spins and yields: a whole core. */
  YIELDING,
  /** Spins: a whole core, for a machine that has one to spare. */
  BUSY_SPIN;

  WaitStrategy create() {
    return switch (this) {
      case BLOCKING -> new BlockingWaitStrategy();
      case LITE_BLOCKING -> new LiteBlockingWaitStrategy();
      case PHASED -> PhasedBackoffWaitStrategy.withLiteLock(10, 50, TimeUnit.MICROSECONDS);
      case SLEEPING -> new SleepingWaitStrategy();
      case YIELDING -> new YieldingWaitStrategy();
      case BUSY_SPIN -> new BusySpinWaitStrategy();
    };
  }
}
