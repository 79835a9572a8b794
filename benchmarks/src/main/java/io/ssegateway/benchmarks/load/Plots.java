package io.ssegateway.benchmarks.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Draws a report as PNG files: as SVG, whose letters are paths, they take ten times the bytes. */
final class Plots {
  private static final double[] PERCENTILES = {
    0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99
  };

  private Plots() {}

  /** Draws all there is to draw and answers the names of the files. */
  static List<String> write(LoadReport report, Path directory) throws IOException {
    List<String> files = new ArrayList<>();
    int number = 0;
    for (Row row : report.rows) {
      if (!report.of(report.servers.get(0), row).isEmpty()) {
        files.add(latencies(report, row, directory, "latency-" + ++number));
      }
    }
    if (!report.memory.isEmpty()) {
      files.add(memory(report, directory));
    }
    if (report.rows.stream().map(Row::connections).distinct().count() > 1) {
      files.add(throughput(report, directory));
    }
    return files;
  }

  /** How late deliveries are, all rounds of a server as one curve. */
  private static String latencies(LoadReport report, Row row, Path directory, String name)
      throws IOException {
    XYChart chart = chart("Latency at " + row, "nines of deliveries", "ms");
    chart.getStyler().setYAxisLogarithmic(true);
    for (String server : report.servers) {
      Histogram all = new Histogram(3);
      report.of(server, row).forEach(result -> all.add(result.latencies()));
      if (all.getTotalCount() == 0) {
        continue;
      }
      double[] x = new double[PERCENTILES.length];
      double[] y = new double[PERCENTILES.length];
      for (int i = 0; i < PERCENTILES.length; i++) {
        x[i] = -Math.log10(1 - PERCENTILES[i] / 100); // 1 is 90 %, 2 is 99 %
        y[i] = Math.max(0.001, all.getValueAtPercentile(PERCENTILES[i]) / 1e6);
      }
      chart.addSeries(server, x, y);
    }
    return save(chart, directory, name);
  }

  private static String memory(LoadReport report, Path directory) throws IOException {
    XYChart chart = chart("Resident memory with idle streams, settled", "streams", "MiB");
    for (String server : report.servers) {
      List<MemoryPoint> points =
          report.memory.stream().filter(point -> point.server().equals(server)).toList();
      if (!points.isEmpty()) {
        chart.addSeries(
            server,
            points.stream().mapToDouble(MemoryPoint::connections).toArray(),
            points.stream().mapToDouble(point -> point.settledKb() / 1024.0).toArray());
      }
    }
    return save(chart, directory, "memory");
  }

  /** Deliveries a second over streams, the median round of each row. */
  private static String throughput(LoadReport report, Path directory) throws IOException {
    XYChart chart = chart("Deliveries a second", "streams", "deliveries/s");
    for (String server : report.servers) {
      List<Row> rows =
          report.rows.stream()
              .filter(row -> !report.of(server, row).isEmpty())
              .sorted((a, b) -> Integer.compare(a.connections(), b.connections()))
              .toList();
      if (!rows.isEmpty()) {
        double[] y =
            rows.stream()
                .mapToDouble(
                    row ->
                        LoadReport.median(
                            report.of(server, row).stream()
                                .map(LoadResult::deliveriesPerSecond)
                                .toList()))
                .toArray();
        chart.addSeries(server, rows.stream().mapToDouble(Row::connections).toArray(), y);
      }
    }
    return save(chart, directory, "throughput");
  }

  private static XYChart chart(String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(525)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .theme(ChartTheme.Matlab)
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
    return chart;
  }

  private static String save(XYChart chart, Path directory, String name) throws IOException {
    BitmapEncoder.saveBitmap(chart, directory.resolve(name).toString(), BitmapFormat.PNG);
    return name + ".png";
  }
}
