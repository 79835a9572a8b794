package io.ssegateway.benchmarks;

import io.ssegateway.engine.Message;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.GatewayOptions;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Fan-out from end to end: the ring, the journal, a loop, real loopback sockets, and one thread
 * that reads them all. Time is per event that every stream has got; the reader's share is in it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {
      JvmAccess.OPEN_REFLECT,
      JvmAccess.OPEN_MISC,
      JvmAccess.EXPORT_NIO,
      JvmAccess.EXPORT_REF,
      JvmAccess.NATIVE
    })
public class SocketFanOutBenchmark {
  private static final int EVENTS = 100;

  /** A running gateway, and streams that are open. */
  @State(Scope.Benchmark)
  @SuppressWarnings("NullAway.Init") // JMH sets parameters and calls setUp before all else
  public static class Running {
    @Param({"MEMORY", "CHRONICLE"})
    JournalChoice journal;

    @Param({"1", "100", "1000"})
    int connections;

    @Param("128")
    int payloadBytes;

    TemporaryDirectory directory;
    Gateway gateway;
    SocketStreams streams;
    Message message;

    /** Starts and connects. */
    @Setup
    public void setUp() throws IOException {
      directory = new TemporaryDirectory();
      gateway =
          Gateway.builder()
              .options(GatewayOptions.DEFAULTS.toBuilder().port(0).build())
              .engineOptions(Engines.quiet().build())
              .journal(journal.open(directory.path(), 64L * 1024 * 1024))
              .build();
      gateway.start();
      streams = new SocketStreams(gateway.port(), Payloads.channel(0), connections);
      message = Payloads.message(Payloads.channel(0), payloadBytes);
    }

    /** Ends it and removes what is on disk. */
    @TearDown
    public void tearDown() {
      streams.close();
      gateway.close();
      directory.close();
    }
  }

  /** Publishes, and waits until every stream has it. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void fanOut(Running running) {
    long before = running.streams.frames();
    for (int i = 0; i < EVENTS; i++) {
      Engines.publish(running.gateway.engine(), running.message);
    }
    running.streams.await(before + (long) EVENTS * running.connections);
  }
}
