package io.ssegateway.benchmarks.load;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * What idle streams take of a server's memory. A server may give memory back some time after it has
 * become idle, so it is asked twice.
 *
 * @param server its name
 * @param connections streams that are open, on one channel
 * @param openedKb resident memory of the server when they have just been opened, in KiB
 * @param settledKb the same when it no longer falls, or after the time that was granted
 * @param idlePercent of one processor that the server takes with them, while its memory settles
 */
record MemoryPoint(
    String server, int connections, long openedKb, long settledKb, double idlePercent) {
  private static final long OPEN_MS = 120_000;

  /** Less of a fall is noise. */
  private static final long FALL_KB = 512;

  /** How often it is asked at most. */
  private static final int ASKED = 100;

  /**
   * Opens streams up to a number, waits, and asks. The streams stay open with the reader.
   *
   * @param idleSeconds to wait at least
   * @param settleSeconds to wait at most; memory that has not fallen for half of them has settled
   */
  static MemoryPoint measure(
      Server server, StreamReader reader, int connections, double idleSeconds, double settleSeconds)
      throws IOException, InterruptedException {
    for (int i = reader.opened(); i < connections; i++) {
      reader.open(new Stream(server.target().stream("idle"), null, true));
    }
    Waiting.until(
        OPEN_MS,
        () -> {
          reader.check();
          return reader.opened() >= connections;
        },
        () -> "opened: " + reader.opened() + " (expected: " + connections + ")");
    TimeUnit.SECONDS.sleep(1); // what the opening has left to do
    long beginNs = System.nanoTime();
    ProcessCost before = server.cost();
    TimeUnit.MICROSECONDS.sleep((long) (idleSeconds * 1e6));
    ProcessCost after = server.cost();
    long leastKb = after.residentKb();
    long fellNs = System.nanoTime();
    while (seconds(fellNs) < settleSeconds / 2 && seconds(beginNs) < settleSeconds) {
      TimeUnit.MICROSECONDS.sleep((long) (settleSeconds * 1e6 / ASKED));
      after = server.cost();
      if (after.residentKb() < leastKb - FALL_KB) {
        leastKb = after.residentKb();
        fellNs = System.nanoTime();
      }
    }
    return new MemoryPoint(
        server.name(),
        connections,
        before.residentKb(),
        after.residentKb(),
        100.0 * (after.cpuNs() - before.cpuNs()) / (System.nanoTime() - beginNs));
  }

  private static double seconds(long sinceNs) {
    return (System.nanoTime() - sinceNs) / 1e9;
  }
}
