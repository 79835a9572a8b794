package io.ssegateway.benchmarks;

import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.WaitStrategyKind;
import io.ssegateway.engine.journal.NoJournal;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Publishing into the ring from one to four threads. Behind the ring there is only the journal
 * thread with a journal that keeps nothing; a publisher that finds the ring full yields and tries
 * again, so what is measured is what the two ends of the ring together sustain.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {JvmAccess.OPEN_MISC, JvmAccess.NATIVE})
public class PublishBenchmark {

  /** An engine without lanes. */
  @State(Scope.Benchmark)
  @SuppressWarnings("NullAway.Init") // JMH sets parameters and calls setUp before all else
  public static class Ring {
    /** The largest does not fit a slot and borrows a buffer. */
    @Param({"64", "256", "8192"})
    int payloadBytes;

    @Param({"BLOCKING", "YIELDING"})
    WaitStrategyKind waitStrategy;

    Engine engine;
    Message message;

    /** Starts it. */
    @Setup
    public void setUp() {
      engine =
          Engine.builder()
              .options(Engines.quiet().waitStrategy(waitStrategy).build())
              .journal(new NoJournal())
              .lanes(0)
              .build();
      engine.start();
      message = Payloads.message("channel", payloadBytes);
    }

    /** Ends it. */
    @TearDown
    public void tearDown() {
      engine.close();
    }
  }

  /** One publisher. */
  @Benchmark
  @Threads(1)
  public PublishResult oneProducer(Ring ring) {
    return Engines.publish(ring.engine, ring.message);
  }

  /** Two publishers. */
  @Benchmark
  @Threads(2)
  public PublishResult twoProducers(Ring ring) {
    return Engines.publish(ring.engine, ring.message);
  }

  /** Three publishers. */
  @Benchmark
  @Threads(3)
  public PublishResult threeProducers(Ring ring) {
    return Engines.publish(ring.engine, ring.message);
  }

  /** Four publishers. */
  @Benchmark
  @Threads(4)
  public PublishResult fourProducers(Ring ring) {
    return Engines.publish(ring.engine, ring.message);
  }
}
