package io.ssegateway.benchmarks.load;

import java.io.IOException;

/**
 * The most deliveries a second before the 99th percentile passes a bound.
 *
 * @param server its name
 * @param best the greatest load that was within the bound, nothing missing
 * @param worst the least load that was not
 */
record Ceiling(String server, LoadResult best, LoadResult worst) {
  private static final double CLOSE_ENOUGH = 1.15;

  /**
   * Doubles the rate of a row until the server does not keep up, and halves the step from there.
   *
   * @param row begins with its rate, at which the server must keep up
   */
  static Ceiling find(Server server, Row row, double boundMs, double seconds)
      throws IOException, InterruptedException {
    LoadResult best = measure(server, row, seconds);
    if (!isWithin(best, boundMs)) {
      throw new IOException(
          server.name() + " does not keep up with " + row + " (begin with a smaller rate)");
    }
    LoadResult worst = null;
    while (worst == null || worst.row().rate() > best.row().rate() * CLOSE_ENOUGH) {
      int lowest = best.row().rate();
      int rate = worst == null ? lowest * 2 : (int) Math.sqrt((double) lowest * worst.row().rate());
      LoadResult result = measure(server, row.withRate(rate), seconds);
      if (isWithin(result, boundMs)) {
        best = result;
      } else {
        worst = result;
      }
    }
    return new Ceiling(server.name(), best, worst);
  }

  private static LoadResult measure(Server server, Row row, double seconds)
      throws IOException, InterruptedException {
    LoadResult result = new LoadRun(server, row, 1, seconds, 15).run();
    System.out.printf(
        "%s %s: p99 %.1f ms, %d faults%n",
        server.name(), row, result.latencyMs(99), result.faults());
    return result;
  }

  private static boolean isWithin(LoadResult result, double boundMs) {
    return result.latencyMs(99) <= boundMs && result.faults() == 0;
  }
}
