package io.ssegateway.benchmarks;

import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Lane;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishResult;
import java.util.ArrayList;
import java.util.List;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * The engine alone: publisher, ring, journal and one lane, each on its thread, with outlets that
 * only count. The ring is full most of the time, so its publisher goes as fast as the slowest of
 * the three.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 3)
@Fork(
    value = 1,
    jvmArgsAppend = {
      JvmAccess.OPEN_REFLECT,
      JvmAccess.OPEN_MISC,
      JvmAccess.EXPORT_NIO,
      JvmAccess.EXPORT_REF,
      JvmAccess.NATIVE
    })
public class PipelineBenchmark {

  /** A running engine. */
  @State(Scope.Benchmark)
  @SuppressWarnings("NullAway.Init") // JMH sets parameters and calls setUp before all else
  public static class Running {
    @Param JournalChoice journal;

    /** Connections, all of the one channel. */
    @Param({"1", "100"})
    int subscribers;

    @Param("128")
    int payloadBytes;

    TemporaryDirectory directory;
    ThreadLane executor;
    Engine engine;
    Message message;

    /** Starts it. */
    @Setup
    public void setUp() {
      directory = new TemporaryDirectory();
      executor = new ThreadLane();
      engine =
          Engine.builder()
              .options(Engines.quiet().build())
              .journal(journal.open(directory.path(), 64L * 1024 * 1024))
              .lanes(0)
              .build();
      engine.start();
      Lane lane = engine.addLane(executor);
      List<CountingOutlet> outlets = new ArrayList<>();
      for (int i = 0; i < subscribers; i++) {
        outlets.add(new CountingOutlet());
      }
      Engines.connect(lane, executor, Payloads.channels(1), outlets);
      message = Payloads.message(Payloads.channel(0), payloadBytes);
    }

    /** Ends it and removes what is on disk. */
    @TearDown
    public void tearDown() {
      engine.close();
      executor.close();
      directory.close();
    }
  }

  /** One event, published as soon as the ring has room. */
  @Benchmark
  public PublishResult event(Running running) {
    return Engines.publish(running.engine, running.message);
  }
}
