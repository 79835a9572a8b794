package io.ssegateway.benchmarks;

import io.ssegateway.engine.journal.Journal;
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

/** Appending one event to a journal, with its share of the commit and of the upkeep. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
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
public class AppendBenchmark {
  private static final long TAIL_BYTES = 64L * 1024 * 1024;
  private static final int EVENTS_PER_UPKEEP = 1 << 18;

  /** A journal and an entry to append. */
  @State(Scope.Benchmark)
  @SuppressWarnings("NullAway.Init") // JMH sets parameters and calls setUp before all else
  public static class Journalling {
    @Param JournalChoice journal;

    /** Events of a batch, which ends with a commit. */
    @Param({"1", "100"})
    int batch;

    @Param({"1", "10000"})
    int channels;

    @Param("200")
    int payloadBytes;

    TemporaryDirectory directory;
    Journal opened;
    SampleEntry entry;
    int uncommitted;
    int sinceUpkeep;

    /** Opens it. */
    @Setup
    public void setUp() {
      directory = new TemporaryDirectory();
      opened = journal.open(directory.path(), TAIL_BYTES);
      entry = new SampleEntry(Payloads.channels(channels), payloadBytes);
    }

    /** Closes it and removes what is on disk. */
    @TearDown
    public void tearDown() {
      opened.commit();
      opened.close();
      directory.close();
    }
  }

  /** Appends; commits at the end of a batch, and has the journal look after itself at times. */
  @Benchmark
  public long append(Journalling state) {
    state.opened.append(state.entry.advance());
    if (++state.uncommitted >= state.batch) {
      state.uncommitted = 0;
      state.opened.commit();
      if (++state.sinceUpkeep * (long) state.batch >= EVENTS_PER_UPKEEP) {
        state.sinceUpkeep = 0;
        state.opened.maintain();
      }
    }
    return state.entry.position();
  }
}
