package io.ssegateway.benchmarks.load;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Writes a report for people to read. */
final class MarkdownReport {
  private final LoadReport report;
  private final StringBuilder text = new StringBuilder();

  private MarkdownReport(LoadReport report) {
    this.report = report;
  }

  /**
   * Answers the text.
   *
   * @param plots names of the files that stand beside it, or below {@code plotDirectory}
   */
  static String write(LoadReport report, String plotDirectory, List<String> plots) {
    return new MarkdownReport(report).all(plotDirectory, plots);
  }

  private String all(String plotDirectory, List<String> plots) {
    line("# Benchmarks: one run of the load harness");
    line("");
    line(
        "Written by the harness; see [how to run it](../benchmarks/README.md#load). All servers ran");
    line("at the same time on one machine, and took turns in each round; the client, an open-loop");
    line("publisher and one thread that reads all streams, shared the machine with them. Latency");
    line("counts from when an event was due, not from when it was sent. Trust ratios.");
    line("");
    line("- Machine: " + report.machine);
    line("- Command: `" + report.command + "`");
    line("");
    rows();
    ratios();
    ceilings();
    memory();
    for (String plot : plots) {
      line("![" + plot.replaceFirst("\\..*", "") + "](" + plotDirectory + plot + ")");
    }
    return text.toString();
  }

  private void rows() {
    if (report.results.isEmpty()) {
      return;
    }
    line("## Fan-out");
    line("");
    line("Medians of the rounds; in brackets the least and the greatest.");
    line("");
    line("| load | server | CPU us a delivery | p50 ms | p99 ms | p99.9 ms | faults | gaps told |");
    line("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (Row row : report.rows) {
      for (String server : report.servers) {
        List<LoadResult> results = report.of(server, row);
        if (!results.isEmpty()) {
          line(
              String.join(
                  " | ",
                  "| " + row,
                  server,
                  spread(results, LoadResult::cpuUs),
                  spread(results, r -> r.latencyMs(50)),
                  spread(results, r -> r.latencyMs(99)),
                  spread(results, r -> r.latencyMs(99.9)),
                  Long.toString(results.stream().mapToLong(LoadResult::faults).sum()),
                  results.stream().mapToLong(LoadResult::told).sum() + " |"));
        }
      }
    }
    line("");
    report.results.stream()
        .filter(result -> result.refusal() != null)
        .map(result -> "- " + result.server() + ", " + result.row() + ": " + result.refusal())
        .distinct()
        .forEach(this::line);
  }

  private void ratios() {
    if (report.servers.size() < 2 || report.results.isEmpty()) {
      return;
    }
    String first = report.servers.get(0);
    line("### " + first + " divided by the others");
    line("");
    line("Round by round, then the median; in brackets the least and the greatest of the rounds.");
    line("");
    line("| load | against | CPU | p50 | p99 |");
    line("| --- | --- | --- | --- | --- |");
    for (Row row : report.rows) {
      for (String other : report.servers.subList(1, report.servers.size())) {
        if (!report.of(other, row).isEmpty()) {
          line(
              String.join(
                  " | ",
                  "| " + row,
                  other,
                  ratio(other, row, LoadResult::cpuUs),
                  ratio(other, row, r -> r.latencyMs(50)),
                  ratio(other, row, r -> r.latencyMs(99)) + " |"));
        }
      }
    }
    line("");
  }

  private void ceilings() {
    if (report.ceilings.isEmpty()) {
      return;
    }
    line("## The most deliveries a second");
    line("");
    line(
        "| server | greatest load within the bound | deliveries/s | its p99 ms | the next | its p99 ms |");
    line("| --- | --- | --- | --- | --- | --- |");
    for (Ceiling ceiling : report.ceilings) {
      LoadResult best = ceiling.best();
      line(
          String.join(
              " | ",
              "| " + ceiling.server(),
              best.row().toString(),
              number(best.deliveriesPerSecond()),
              number(best.latencyMs(99)),
              ceiling.worst().row().toString(),
              number(ceiling.worst().latencyMs(99)) + " |"));
    }
    line("");
  }

  private void memory() {
    if (report.memory.isEmpty()) {
      return;
    }
    line("## Idle streams");
    line("");
    line(
        "Resident memory when the streams had just been opened, and when it no longer fell: a server");
    line("may give back what the opening took.");
    line("");
    line(
        "| server | streams | opened, MiB | settled, MiB | settled, KiB a stream since the first point | CPU % of one processor |");
    line("| --- | --- | --- | --- | --- | --- |");
    for (String server : report.servers) {
      MemoryPoint first = null;
      for (MemoryPoint point : report.memory) {
        if (!point.server().equals(server)) {
          continue;
        }
        String slope =
            first == null
                ? ""
                : number(
                    (point.settledKb() - first.settledKb())
                        / (double) (point.connections() - first.connections()));
        line(
            String.join(
                " | ",
                "| " + server,
                Integer.toString(point.connections()),
                number(point.openedKb() / 1024.0),
                number(point.settledKb() / 1024.0),
                slope,
                number(point.idlePercent()) + " |"));
        first = first == null ? point : first;
      }
    }
    line("");
  }

  private static String spread(List<LoadResult> results, ToDoubleFunction<LoadResult> value) {
    return spread(results.stream().map(value::applyAsDouble).sorted().toList());
  }

  private String ratio(String other, Row row, ToDoubleFunction<LoadResult> value) {
    return spread(report.ratios(other, row, value));
  }

  private static String spread(List<Double> sorted) {
    String median = number(LoadReport.median(sorted));
    return sorted.size() < 2
        ? median
        : median + " (" + number(sorted.get(0)) + "–" + number(sorted.get(sorted.size() - 1)) + ")";
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "";
    }
    String format = Math.abs(value) >= 100 ? "%,.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
