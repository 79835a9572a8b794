package io.ssegateway.benchmarks.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures servers side by side: see {@code --help}. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Starts gateways, and nginx with nchan where it is installed, and lays the same loads on each in"
          + " turn, and on any server that is named.",
      "Writes benchmarks.md, and results.json and plots in a directory benchmarks beside it.",
      "Ends what it has started."
    })
public final class LoadHarness implements Callable<Integer> {
  @Option(
      names = "--jar",
      defaultValue = "gateway/target/sse-gateway.jar",
      description = "The gateway's jar. Default: ${DEFAULT-VALUE}.")
  private Path jar = Path.of("");

  @Option(names = "--java", description = "The java that runs it. Default: the harness's own.")
  private @Nullable String java;

  @Option(names = "--jvm-options", defaultValue = "", description = "Options of its JVM.")
  private String jvmOptions = "";

  @Option(
      names = "--gateway",
      description =
          "A gateway to start, as NAME=SETTINGS, such as memory='--journal memory'; may be repeated."
              + " The first is compared with all others. Default: gateway= (no settings), unless"
              + " there is a --server.")
  private Map<String, String> gateways = new LinkedHashMap<>();

  @Option(
      names = "--server",
      description = "A server that runs already: " + RunningServer.FORMAT + "; may be repeated.")
  private List<String> running = List.of();

  @Option(names = "--no-nchan", description = "Leave nchan out though it is installed.")
  private boolean withoutNchan;

  @Option(
      names = "--rows",
      split = ",",
      defaultValue = "1000x100,10000x10,1000x400",
      description = "Loads: " + Row.FORMAT + ",... Default: ${DEFAULT-VALUE}; --rows= for none.")
  private List<String> rows = List.of();

  @Option(names = "--rounds", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--warm-up-rounds",
      defaultValue = "1",
      description =
          "Rounds of each load before those that count, in which a JVM compiles what it runs. Default:"
              + " ${DEFAULT-VALUE}.")
  private int warmUpRounds;

  @Option(
      names = "--warm-up",
      defaultValue = "2",
      description = "Seconds of a round before anything is measured. Default: ${DEFAULT-VALUE}.")
  private double warmUpSeconds;

  @Option(
      names = "--seconds",
      defaultValue = "5",
      description = "Seconds that are measured. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--memory",
      split = ",",
      description = "Idle streams to measure memory with, such as 2000,10000,19000.")
  private List<Integer> memory = List.of();

  @Option(
      names = "--settle",
      defaultValue = "90",
      description =
          "Seconds that memory may take to fall, at most; it has settled when it has not fallen for half"
              + " of them. Default: ${DEFAULT-VALUE}; 0 asks at once.")
  private double settleSeconds;

  @Option(
      names = "--ceiling",
      description = "Find the most deliveries a second, beginning with this load.")
  private @Nullable String ceiling;

  @Option(
      names = "--ceiling-p99-ms",
      defaultValue = "100",
      description = "The bound of the 99th percentile. Default: ${DEFAULT-VALUE}.")
  private double ceilingMs;

  @Option(
      names = "--out",
      defaultValue = "target/load",
      description = "Directory of the results. Default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("");

  private final LoadReport report = new LoadReport();
  private boolean faulty;

  /** The entry point. */
  public static void main(String[] args) {
    LoadHarness harness = new LoadHarness();
    harness.report.command =
        "java -cp benchmarks/target/benchmarks.jar "
            + LoadHarness.class.getName()
            + " "
            + Arrays.stream(args).map(LoadHarness::quoted).collect(Collectors.joining(" "));
    System.exit(new CommandLine(harness).execute(args));
  }

  /** As a shell wants it. */
  private static String quoted(String argument) {
    return argument.matches("[\\w./:,=@%+-]+") ? argument : "'" + argument + "'";
  }

  @Override
  public Integer call() throws Exception {
    List<Server> servers = new ArrayList<>();
    try {
      report.machine = machine();
      start(servers);
      servers.forEach(server -> report.servers.add(server.name()));
      rows.stream().filter(row -> !row.isBlank()).map(Row::parse).forEach(report.rows::add);
      for (Server server : servers) {
        measureMemory(server); // before a load has made heaps grow
      }
      measureRows(servers);
      String from = ceiling;
      if (from != null) {
        for (Server server : servers) {
          report.ceilings.add(Ceiling.find(server, Row.parse(from), ceilingMs, seconds));
        }
      }
    } finally {
      servers.forEach(Server::close);
      write();
    }
    return faulty ? 1 : 0;
  }

  private void start(List<Server> servers) throws IOException, InterruptedException {
    Map<String, String> wanted =
        gateways.isEmpty() && running.isEmpty() ? Map.of("gateway", "") : gateways;
    for (Map.Entry<String, String> gateway : wanted.entrySet()) {
      servers.add(
          StartedServer.gateway(
              gateway.getKey(), jvm(), words(jvmOptions), jar, words(gateway.getValue())));
    }
    for (String text : running) {
      servers.add(RunningServer.parse(text));
    }
    StartedServer nchan = withoutNchan ? null : StartedServer.nchan();
    if (nchan != null) {
      servers.add(nchan);
    }
  }

  private void measureMemory(Server server) throws IOException, InterruptedException {
    if (memory.isEmpty() || server.pids().isEmpty()) {
      return;
    }
    try (StreamReader reader = new StreamReader(server.target().address())) {
      for (int connections : memory) {
        MemoryPoint point =
            MemoryPoint.measure(server, reader, connections, seconds, settleSeconds);
        report.memory.add(point);
        System.out.printf(
            "%s: %d idle streams, %d MiB, settled %d MiB, %.1f %% of a processor%n",
            server.name(),
            connections,
            point.openedKb() / 1024,
            point.settledKb() / 1024,
            point.idlePercent());
      }
    }
  }

  private void measureRows(List<Server> servers) throws IOException, InterruptedException {
    for (Row row : report.rows) {
      for (int round = -warmUpRounds; round < rounds; round++) {
        for (int i = 0; i < servers.size(); i++) {
          // each round begins with another, so that none always comes first
          Server server = servers.get(Math.floorMod(i + round, servers.size()));
          LoadResult result =
              new LoadRun(server, row, warmUpSeconds, seconds, Math.max(10, seconds)).run();
          boolean counts = round >= 0;
          faulty |= result.faults() != 0;
          if (counts) {
            report.results.add(result);
          }
          System.out.printf(
              "%s%s %s: CPU %.2f us, p50 %.2f ms, p99 %.2f ms, %d faults%n",
              counts ? "" : "warm-up: ",
              server.name(),
              row,
              result.cpuUs(),
              result.latencyMs(50),
              result.latencyMs(99),
              result.faults());
        }
      }
    }
  }

  private void write() throws IOException {
    Path details = out.resolve("benchmarks");
    Files.createDirectories(details);
    JsonReport.write(report, details.resolve("results.json"));
    List<String> plots = Plots.write(report, details);
    Files.writeString(
        out.resolve("benchmarks.md"), MarkdownReport.write(report, "benchmarks/", plots));
    System.out.println("written: " + out.resolve("benchmarks.md"));
  }

  private String jvm() {
    String chosen = java;
    return chosen != null
        ? chosen
        : Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : Arrays.asList(text.trim().split("\\s+", -1));
  }

  private String machine() throws IOException, InterruptedException {
    String model =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).trim())
            .findFirst()
            .orElse("unknown processor");
    Process version = new ProcessBuilder(jvm(), "--version").redirectErrorStream(true).start();
    String jdk = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    version.waitFor();
    return Runtime.getRuntime().availableProcessors()
        + " x "
        + model
        + ", Linux "
        + System.getProperty("os.version")
        + ", gateways on "
        + jdk.lines().findFirst().orElse("an unknown JDK")
        + (jvmOptions.isBlank() ? "" : " with " + jvmOptions);
  }
}
