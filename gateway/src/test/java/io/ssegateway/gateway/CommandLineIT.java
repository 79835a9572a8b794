package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.gateway.config.Setting;
import io.ssegateway.gateway.config.Settings;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the executable says to its arguments. */
class CommandLineIT {
  @TempDir Path directory;

  private record Outcome(int exitCode, String output) {}

  private static Outcome run(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    try (GatewayProcess process =
        GatewayProcess.start(GatewayProcess.java(), environment, arguments)) {
      int exitCode = process.exitCode();
      return new Outcome(exitCode, String.join("\n", process.output()));
    }
  }

  private static Outcome run(String... arguments) throws IOException, InterruptedException {
    return run(Map.of(), arguments);
  }

  @Test
  void helpListsEverySetting() throws Exception {
    Outcome help = run("--help");

    assertThat(help.exitCode).isZero();
    for (Setting<?> setting : Settings.all()) {
      assertThat(help.output).contains("--" + setting.name() + (setting.isYesOrNo() ? "[=" : "="));
    }
  }

  @Test
  void versionIsShown() throws Exception {
    Outcome version = run("--version");

    assertThat(version.exitCode).isZero();
    assertThat(version.output).matches("sse-gateway [0-9]+\\.[0-9]+\\.[0-9]+.*");
  }

  @Test
  void theConfigurationIsShownWithItsOrigins() throws Exception {
    Path file = Files.writeString(directory.resolve("g.properties"), "retry=9s");

    Outcome shown =
        run(Map.of("PORT", "4711"), "--config", file.toString(), "--print-config", "--drain=1s");

    assertThat(shown.exitCode).isZero();
    assertThat(shown.output)
        .contains("# environment PORT\nport=4711")
        .contains("# command line --drain\ndrain=1s")
        .contains("# file " + file + "\nretry=9s");
  }

  @Test
  void anUnknownFlagStopsTheStart() throws Exception {
    Outcome outcome = run("--prot=8080");

    assertThat(outcome.exitCode).isEqualTo(2);
    assertThat(outcome.output)
        .contains("unknown argument --prot (did you mean --port?)")
        .contains("--help");
  }

  @Test
  void anUnknownKeyInTheFileStopsTheStart() throws Exception {
    Path file = Files.writeString(directory.resolve("g.properties"), "prot=8080");

    Outcome outcome = run("--config=" + file);

    assertThat(outcome.exitCode).isEqualTo(2);
    assertThat(outcome.output).contains("unknown key prot in " + file);
  }

  @Test
  void anUnknownVariableStopsTheStart() throws Exception {
    Outcome outcome = run(Map.of("SSE_GATEWAY_PROT", "8080"));

    assertThat(outcome.exitCode).isEqualTo(2);
    assertThat(outcome.output).contains("SSE_GATEWAY_PROT");
  }

  @Test
  void aBadValueStopsTheStart() throws Exception {
    Outcome outcome = run(Map.of("PORT", "http"));

    assertThat(outcome.exitCode).isEqualTo(2);
    assertThat(outcome.output)
        .contains("port: \"http\" from environment PORT (expected: a number from 0 to 65535)");
  }

  @Test
  void aBadOriginStopsTheStart() throws Exception {
    Outcome outcome = run("--cors-origins=example.com");

    assertThat(outcome.exitCode).isEqualTo(2);
    assertThat(outcome.output).contains("\"example.com\"").contains("https://app.example.com");
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      Outcome outcome = run("--host=127.0.0.1", "--port=" + taken.getLocalPort());

      assertThat(outcome.exitCode).isEqualTo(1);
      assertThat(outcome.output)
          .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort())
          .contains("in use")
          .contains("ss -ltnp 'sport = :" + taken.getLocalPort() + "'")
          .contains("--port=");
    }
  }
}
