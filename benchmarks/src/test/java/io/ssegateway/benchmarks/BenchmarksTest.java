package io.ssegateway.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs every benchmark once, as briefly as possible, so that none of them rots. */
class BenchmarksTest {
  private static final int MAX_CHANNELS = 1000;

  @Test
  void everyBenchmarkRuns() throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(20))
                    .mode(Mode.AverageTime)
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .param("payloadBytes", "128")
                    .param("lineLength", "0", "80")
                    .param("messages", "1", "10")
                    .param("batch", "10")
                    .param("channels", "1", String.valueOf(MAX_CHANNELS))
                    .param("subscribers", "1", "100")
                    .param("connections", "10")
                    .param("events", String.valueOf(20 * MAX_CHANNELS))
                    .param("missed", "10")
                    .param("waitStrategy", "BLOCKING")
                    .build())
            .run();

    Set<String> run =
        results.stream()
            .map(result -> result.getParams().getBenchmark())
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> all =
        BenchmarkList.defaultList()
            .getAll(
                OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
                java.util.List.of())
            .stream()
            .map(entry -> entry.getUsername())
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(all).isNotEmpty();
    assertThat(run).isEqualTo(all);
  }
}
