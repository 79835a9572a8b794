package io.ssegateway.benchmarks.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Recorder;

/** Lays a load on a server and measures what comes of it. Runs on the caller's thread. */
final class LoadRun {
  private static final long HIGHEST_NS = TimeUnit.SECONDS.toNanos(120);
  private static final int DIGITS = 3;
  private static final long OPEN_MS = 60_000;

  private final Server server;
  private final Row row;
  private final double warmUpSeconds;
  private final double seconds;
  private final double drainSeconds;
  private final Recorder latencies = new Recorder(HIGHEST_NS, DIGITS);

  /**
   * A load that is not laid on yet.
   *
   * @param warmUpSeconds before anything is measured
   * @param seconds that are measured
   * @param drainSeconds that what is late is waited for
   */
  LoadRun(Server server, Row row, double warmUpSeconds, double seconds, double drainSeconds) {
    this.server = server;
    this.row = row;
    this.warmUpSeconds = warmUpSeconds;
    this.seconds = seconds;
    this.drainSeconds = drainSeconds;
  }

  LoadResult run() throws IOException, InterruptedException {
    Target target = server.target();
    int slow = row.slowConnections();
    try (StreamReader reader = new StreamReader(target.address());
        OpenLoopPublisher publisher =
            new OpenLoopPublisher(target, row.channels(), row.rate(), row.payloadBytes())) {
      List<Stream> streams = open(reader, slow);
      publisher.start();
      sleep(warmUpSeconds);
      long fromNs = System.nanoTime();
      long toNs = fromNs + (long) (seconds * 1e9);
      reader.measure(fromNs, toNs);
      ProcessCost before = server.cost();
      sleep(seconds);
      publisher.stop((long) (drainSeconds * 1000));
      long expected = expected(publisher.due(fromNs, toNs), slow);
      awaitMeasured(reader, expected);
      long endNs = System.nanoTime();
      ProcessCost after = server.cost();
      long delivered = reader.measured();
      if (slow > 0) {
        reader.readAll();
        awaitAll(reader, streams);
      }
      return new LoadResult(
          server.name(),
          row,
          expected,
          delivered,
          reader.missing(),
          reader.told(),
          reader.doubled(),
          reader.closed(),
          publisher.firstRefusal(),
          server.pids().isEmpty()
              ? Double.NaN
              : (after.cpuNs() - before.cpuNs()) / 1e3 / Math.max(1, delivered),
          after.residentKb(),
          (endNs - fromNs) / 1e9,
          latencies.getIntervalHistogram());
    }
  }

  private List<Stream> open(StreamReader reader, int slow) throws InterruptedException {
    List<Stream> streams = new ArrayList<>();
    for (int i = 0; i < row.connections(); i++) {
      // slow ones are the last of each channel, and are measured by nobody
      boolean isRead = i < row.connections() - slow;
      String path = server.target().stream("c" + i % row.channels());
      Stream stream = new Stream(path, isRead ? latencies : null, isRead);
      streams.add(stream);
      reader.open(stream);
    }
    Waiting.until(
        OPEN_MS,
        () -> {
          reader.check();
          return reader.opened() == row.connections();
        },
        () -> "opened: " + reader.opened() + " (expected: " + row.connections() + ")");
    return streams;
  }

  /**
   * Deliveries to the streams that read. With several channels each event has its share of them.
   */
  private long expected(long events, int slow) {
    return events * (row.connections() - slow) / row.channels();
  }

  private void awaitMeasured(StreamReader reader, long expected) throws InterruptedException {
    Waiting.whileBefore(
        (long) (drainSeconds * 1000),
        () -> {
          reader.check();
          return reader.measured() >= expected;
        });
  }

  /** Lets the slow ones catch up; what they have missed for good is told by the gaps counted. */
  private void awaitAll(StreamReader reader, List<Stream> streams) throws InterruptedException {
    Waiting.whileBefore(
        (long) (drainSeconds * 1000),
        () -> {
          reader.check();
          int most = streams.get(0).events;
          return streams.stream().allMatch(stream -> stream.events >= most);
        });
  }

  private static void sleep(double seconds) throws InterruptedException {
    TimeUnit.MICROSECONDS.sleep((long) (seconds * 1e6));
  }
}
