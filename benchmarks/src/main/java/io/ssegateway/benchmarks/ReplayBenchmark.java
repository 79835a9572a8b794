package io.ssegateway.benchmarks;

import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.ReplaySink;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * Reading what one channel missed out of a journal that is full of other channels' events: from the
 * tail in memory and from the queue on disk. Time is that of a whole replay; {@code events} tells
 * how many events a second came out.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xmx3g",
      JvmAccess.OPEN_REFLECT,
      JvmAccess.OPEN_MISC,
      JvmAccess.EXPORT_NIO,
      JvmAccess.EXPORT_REF,
      JvmAccess.NATIVE
    })
public class ReplayBenchmark {
  private static final int BATCH = 1000;
  private static final int CHUNK_BYTES = 64 * 1024;

  /** Where the events come from. */
  public enum From {
    /** All of them are in the memory of the memory journal. */
    TAIL,
    /** Next to none of them is in the memory of the Chronicle journal. */
    QUEUE
  }

  /** A full journal. */
  @State(Scope.Benchmark)
  @SuppressWarnings("NullAway.Init") // JMH sets parameters and calls setUp before all else
  public static class FullJournal {
    @Param From from;

    @Param("1000000")
    int events;

    @Param("10000")
    int channels;

    /** Of a channel's events, how many were missed; 0 for all. */
    @Param({"10", "0"})
    int missed;

    @Param("128")
    int payloadBytes;

    TemporaryDirectory directory;
    Journal journal;
    String[] names;
    int next;
    long after;
    int expected;

    /** Fills it. */
    @Setup
    public void setUp() {
      directory = new TemporaryDirectory();
      journal =
          from == From.TAIL
              ? JournalChoice.MEMORY.open(directory.path(), 2L * events * (payloadBytes + 100))
              : JournalChoice.CHRONICLE.open(directory.path(), 64 * 1024);
      names = Payloads.channels(channels);
      expected = missed == 0 ? events / channels : missed;
      int notMissed = events - expected * channels;
      SampleEntry entry = new SampleEntry(names, payloadBytes);
      for (int i = 1; i <= events; i++) {
        journal.append(entry.advance());
        if (i == notMissed) {
          after = entry.position();
        }
        if (i % BATCH == 0) {
          journal.commit();
        }
      }
      journal.commit();
    }

    /** Closes it and removes what is on disk. */
    @TearDown
    public void tearDown() {
      journal.close();
      directory.close();
    }
  }

  /** Takes events as a replay does: copies them one after the other, a chunk at a time. */
  @State(Scope.Thread)
  public static class Chunk implements ReplaySink {
    private final UnsafeBuffer chunk = new UnsafeBuffer(new byte[CHUNK_BYTES]);
    private int length;
    private long events;

    @Override
    public boolean onEvent(
        long position, @Nullable String channel, DirectBuffer buffer, int offset, int bytes) {
      if (length + bytes > CHUNK_BYTES) {
        length = 0;
      }
      chunk.putBytes(length, buffer, offset, bytes);
      length += bytes;
      events++;
      return true;
    }

    @Override
    public boolean onGap(GapReason reason, long resumeAfter) {
      throw new IllegalStateException("gap: " + reason + " up to " + resumeAfter);
    }
  }

  /** Counts events beside replays. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Replayed {
    /** Events that came out of the journal. */
    public long events;
  }

  /** A client of one channel comes back. */
  @Benchmark
  public void channel(FullJournal full, Chunk chunk, Replayed replayed) {
    long before = chunk.events;
    String name = full.names[full.next];
    full.next = (full.next + 1) % full.channels;
    try (JournalReader reader = full.journal.open(List.of(name), full.after, 0)) {
      if (!reader.read(full.journal.newestPosition(), chunk)) {
        throw new IllegalStateException("the reader stopped early");
      }
    }
    long read = chunk.events - before;
    if (read != full.expected) {
      throw new IllegalStateException("events: " + read + " (expected: " + full.expected + ")");
    }
    replayed.events += read;
  }
}
