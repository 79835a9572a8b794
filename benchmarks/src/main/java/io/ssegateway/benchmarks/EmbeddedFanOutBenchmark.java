package io.ssegateway.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.ssegateway.engine.Outlet;
import io.ssegateway.transport.netty.EmbeddedOutlets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * Fan-out from the lane through Netty's pipeline and outbound buffer, but to no socket: what
 * streams cost that are not served directly (TLS, NIO, a client that is behind). Time is per event.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx2g", JvmAccess.OPEN_MISC, JvmAccess.NATIVE})
public class EmbeddedFanOutBenchmark {
  private static final int EVENTS = 100;

  /** Streams over embedded channels, and events that wait for them. */
  @State(Scope.Thread)
  @SuppressWarnings("NullAway.Init") // JMH sets parameters and calls setUp before all else
  public static class Streams {
    @Param({"1", "100", "1000"})
    int connections;

    @Param("128")
    int payloadBytes;

    List<EmbeddedChannel> channels;
    SteppedLane lane;

    /** Connects. */
    @Setup
    public void setUp() {
      channels = new ArrayList<>();
      List<Outlet> outlets = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channels.add(channel);
        outlets.add(EmbeddedOutlets.outlet(channel));
      }
      lane = new SteppedLane(Payloads.channels(1), outlets, payloadBytes);
    }

    /** Publishes what is then fanned out. */
    @Setup(Level.Invocation)
    public void publish() {
      lane.publish(EVENTS);
    }

    /** Takes what was written, which would otherwise pile up. */
    @TearDown(Level.Invocation)
    public void take() {
      for (EmbeddedChannel channel : channels) {
        ByteBuf written = channel.readOutbound();
        if (written == null) {
          throw new IllegalStateException("a stream was written nothing");
        }
        while (written != null) {
          written.release();
          written = channel.readOutbound();
        }
      }
    }

    /** Ends it. */
    @TearDown
    public void tearDown() {
      lane.close();
      channels.forEach(EmbeddedChannel::finishAndReleaseAll);
    }
  }

  /** Fans out all that waits. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void fanOut(Streams streams) {
    streams.lane.route();
  }
}
