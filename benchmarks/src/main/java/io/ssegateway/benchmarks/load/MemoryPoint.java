package io.ssegateway.benchmarks.load;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * What idle streams take of a server's memory.
 *
 * @param server its name
 * @param connections streams that are open, on one channel
 * @param residentKb of the server with them, in KiB
 * @param idlePercent of one processor that the server takes with them
 */
record MemoryPoint(String server, int connections, long residentKb, double idlePercent) {
  private static final long OPEN_MS = 120_000;

  /** Opens streams up to a number, waits, and asks. The streams stay open with the reader. */
  static MemoryPoint measure(
      Server server, StreamReader reader, int connections, double idleSeconds)
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
    double idle = 100.0 * (after.cpuNs() - before.cpuNs()) / (System.nanoTime() - beginNs);
    return new MemoryPoint(server.name(), connections, after.residentKb(), idle);
  }
}
