package io.ssegateway.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Options that let the running JDK start the jar in less than half the time: its loaded classes out
 * of an archive that is made once, and the quick compiler only. For tests that start it often; how
 * it starts without any option is the matter of {@link ExecutableIT}.
 */
final class ClassArchive {
  private static final List<String> OPTIONS = create();

  private ClassArchive() {}

  static List<String> options() {
    return OPTIONS;
  }

  private static List<String> create() {
    String name = "test-classes-" + ProcessHandle.current().pid() + ".jsa"; // each fork its own
    Path archive = GatewayProcess.jar().resolveSibling(name).toAbsolutePath();
    try {
      Files.deleteIfExists(archive);
      List<String> recording = List.of("-Xlog:cds=off", "-XX:ArchiveClassesAtExit=" + archive);
      try (GatewayProcess gateway =
          GatewayProcess.start(
              GatewayProcess.java(), recording, Map.of("PORT", "0"), "--drain=0s")) {
        Requests.post(gateway.url("/api/send"), "{\"channel_id\":\"a\",\"data\":\"b\"}");
        gateway.terminate();
        gateway.exitCode();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    if (!Files.exists(archive)) {
      throw new IllegalStateException("the JVM wrote no " + archive);
    }
    return List.of("-XX:SharedArchiveFile=" + archive, "-XX:TieredStopAtLevel=1");
  }
}
