package io.ssegateway.benchmarks;

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
 * A lane's work alone: looking channels up and handing the bytes to outlets that only count. The
 * events, each for one channel after the other, are published and journalled before the time
 * starts, and the lane runs on the benchmark's thread. Time is per event, however many connections
 * get it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms4g", "-Xmx4g", JvmAccess.OPEN_MISC, JvmAccess.NATIVE})
public class RouteBenchmark {
  private static final int EVENTS = 1000;

  /** A lane with connections, and events that wait for it. */
  @State(Scope.Thread)
  @SuppressWarnings("NullAway.Init") // JMH sets parameters and calls setUp before all else
  public static class Routing {
    @Param({"1", "1000", "1000000"})
    int subscribers;

    @Param({"1", "10000", "1000000"})
    int channels;

    @Param("128")
    int payloadBytes;

    /** How often a second all counters are read meanwhile. */
    @Param("0")
    int scrapes;

    SteppedLane lane;
    Scraper scraper;

    /** Connects. */
    @Setup
    public void setUp() {
      List<CountingOutlet> outlets = new ArrayList<>(subscribers);
      for (int i = 0; i < subscribers; i++) {
        outlets.add(new CountingOutlet());
      }
      lane = new SteppedLane(Payloads.channels(channels), outlets, payloadBytes);
      scraper = new Scraper(lane.engine(), scrapes);
    }

    /** Publishes what is then routed. */
    @Setup(Level.Invocation)
    public void publish() {
      lane.publish(EVENTS);
    }

    /** Ends it. */
    @TearDown
    public void tearDown() {
      scraper.close();
      lane.close();
    }
  }

  /** The names that events are looked up by, and nothing else. */
  @State(Scope.Thread)
  @SuppressWarnings("NullAway.Init")
  public static class Names {
    @Param({"1", "10000", "1000000"})
    int channels;

    String[] names;
    int next;

    /** Makes them as the events have them. */
    @Setup
    public void setUp() {
      names = Payloads.channels(channels);
    }
  }

  /** What routing cannot go below: reads the hash of each event's channel from memory. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public int readNames(Names names) {
    int sum = 0;
    for (int i = 0; i < EVENTS; i++) {
      sum += names.names[names.next].hashCode();
      names.next = (int) ((names.next + (long) SteppedLane.STRIDE) % names.names.length);
    }
    return sum;
  }

  /** Routes all that waits. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void route(Routing routing) {
    routing.lane.route();
  }
}
