package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the heap takes of a gateway that nobody asks for anything, as its metrics tell. */
class IdleHeapReleaseIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long MIB = 1 << 20;

  /** More than an idle gateway needs, and less than the JVM's own bounds would leave it. */
  private static final long LITTLE = 48 * MIB;

  private static final long INITIAL = 192 * MIB;

  private static GatewayProcess start(List<String> options, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(ClassArchive.options());
    all.add("-XX:InitialHeapSize=" + INITIAL);
    all.add("-XX:MinHeapSize=8m");
    all.addAll(options);
    return GatewayProcess.start(GatewayProcess.java(), all, Map.of(), arguments);
  }

  private static long committedHeap(GatewayProcess gateway) throws Exception {
    return Requests.get(gateway.url("/metrics"))
        .body()
        .lines()
        .filter(line -> line.startsWith("jvm_memory_committed_bytes{area=\"heap\""))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static String option(GatewayProcess gateway, String name) throws Exception {
    String jcmd = GatewayProcess.java().resolveSibling("jcmd").toString();
    return Shell.run(Map.of(), jcmd, Long.toString(gateway.pid()), "VM.flags", "-all")
        .lines()
        .filter(line -> line.matches(" *\\w+ " + name + " .*"))
        .map(line -> line.replaceFirst(".*= *(\\S+).*", "$1"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void anIdleGatewayGivesBackHeapThatItDoesNotNeed() throws Exception {
    try (GatewayProcess gateway =
        start(
            List.of("-XX:+UseG1GC"),
            "--port=0",
            "--idle-heap-release=500ms",
            "--log-level=debug")) {
      assertThat(committedHeap(gateway)).isGreaterThan(LITTLE);

      await().atMost(LIMIT).until(() -> committedHeap(gateway) < LITTLE);
      // native memory too, by any JVM on a system with glibc
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  gateway.output().stream()
                      .anyMatch(line -> line.contains("idle: Trim native heap: ")));
    }
  }

  @Test
  void whatTheUserHasSetStays() throws Exception {
    try (GatewayProcess gateway =
        start(
            List.of(
                "-XX:+UseG1GC",
                "-XX:G1PeriodicGCInterval=700",
                "-XX:MaxHeapFreeRatio=60",
                "-Xlog:gc"),
            "--port=0",
            "--idle-heap-release=1h")) {
      gateway.port();
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  gateway.output().stream()
                          .filter(line -> line.contains("(" + IdleHeapRelease.PERIODIC + ")"))
                          .count()
                      > IdleHeapRelease.COLLECTIONS);

      assertThat(option(gateway, IdleHeapRelease.INTERVAL)).isEqualTo("700");
      assertThat(option(gateway, IdleHeapRelease.MAX_FREE)).isEqualTo("60");
      assertThat(option(gateway, IdleHeapRelease.MIN_FREE)).isEqualTo("40");
    }
  }

  @Test
  void otherCollectorsAreLeftAlone() throws Exception {
    try (GatewayProcess gateway = start(List.of("-XX:+UseSerialGC"), "--port=0")) {
      gateway.port();

      assertThat(option(gateway, IdleHeapRelease.INTERVAL)).isEqualTo("0");
      assertThat(gateway.output()).noneMatch(line -> line.contains(" WARN "));
    }
  }

  @Test
  void isOffByChoice() throws Exception {
    try (GatewayProcess gateway =
        start(List.of("-XX:+UseG1GC"), "--port=0", "--idle-heap-release=0")) {
      gateway.port();

      assertThat(option(gateway, IdleHeapRelease.INTERVAL)).isEqualTo("0");
    }
  }
}
