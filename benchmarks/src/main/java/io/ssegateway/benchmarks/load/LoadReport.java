package io.ssegateway.benchmarks.load;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** All that one run of the harness has measured, round by round. Not thread-safe. */
final class LoadReport {
  /** The first server is the one that the others are compared with. */
  final List<String> servers = new ArrayList<>();

  final List<Row> rows = new ArrayList<>();
  final List<LoadResult> results = new ArrayList<>();
  final List<MemoryPoint> memory = new ArrayList<>();
  final List<Ceiling> ceilings = new ArrayList<>();
  String machine = "";
  String command = "";

  /** What a server did with a row, a result for each round. */
  List<LoadResult> of(String server, Row row) {
    return results.stream()
        .filter(result -> result.server().equals(server) && result.row().equals(row))
        .toList();
  }

  /** The first server's value divided by another's, round by round, in order of size. */
  List<Double> ratios(String other, Row row, ToDoubleFunction<LoadResult> value) {
    List<LoadResult> mine = of(servers.get(0), row);
    List<LoadResult> theirs = of(other, row);
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(mine.size(), theirs.size()); i++) {
      ratios.add(value.applyAsDouble(mine.get(i)) / value.applyAsDouble(theirs.get(i)));
    }
    return ratios.stream().sorted().toList();
  }

  /** The middle of values, or the mean of the two in the middle; NaN of none. */
  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int n = sorted.size();
    return n == 0 ? Double.NaN : (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
  }
}
