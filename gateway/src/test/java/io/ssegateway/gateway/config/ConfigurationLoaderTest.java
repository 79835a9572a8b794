package io.ssegateway.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationLoaderTest {
  @TempDir Path directory;

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("gateway.properties"), text);
  }

  @Test
  void withoutAnythingEverySettingHasItsDefault() {
    Configuration configuration = ConfigurationLoader.load(Map.of(), Map.of(), null);

    assertThat(configuration.get(Settings.HOST)).isEqualTo("127.0.0.1");
    assertThat(configuration.get(Settings.PORT)).isEqualTo(8080);
    assertThat(configuration.get(Settings.HEARTBEAT)).isEqualTo(15_000);
    assertThat(configuration.get(Settings.MAX_PENDING)).isEqualTo(64 * 1024);
    assertThat(configuration.isGiven(Settings.PORT)).isFalse();
  }

  @Test
  void theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws IOException {
    Path file = file("port=1\nheartbeat=1s\nretry=1s\n");
    Map<String, String> environment =
        Map.of("SSE_GATEWAY_PORT", "2", "SSE_GATEWAY_HEARTBEAT", "2s");

    Configuration configuration = ConfigurationLoader.load(Map.of("port", "3"), environment, file);

    assertThat(configuration.get(Settings.PORT)).isEqualTo(3);
    assertThat(configuration.get(Settings.HEARTBEAT)).isEqualTo(2_000);
    assertThat(configuration.get(Settings.RETRY)).isEqualTo(1_000);
  }

  @Test
  void thePlatformsPortIsTakenUnlessOursIsGiven() {
    Map<String, String> platform = Map.of("PORT", "1234");
    Map<String, String> both = Map.of("PORT", "1234", "SSE_GATEWAY_PORT", "4321");

    assertThat(ConfigurationLoader.load(Map.of(), platform, null).get(Settings.PORT))
        .isEqualTo(1234);
    assertThat(ConfigurationLoader.load(Map.of(), both, null).get(Settings.PORT)).isEqualTo(4321);
  }

  @Test
  void theEnvironmentCanNameTheFile() throws IOException {
    Path file = file("port=77");

    Configuration configuration =
        ConfigurationLoader.load(Map.of(), Map.of("SSE_GATEWAY_CONFIG", file.toString()), null);

    assertThat(configuration.get(Settings.PORT)).isEqualTo(77);
  }

  @Test
  void anUnknownKeyInTheFileIsNamedWithTheOneThatWasMeant() throws IOException {
    Path file = file("max-conections=10");

    assertThatThrownBy(() -> ConfigurationLoader.load(Map.of(), Map.of(), file))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("max-conections")
        .hasMessageContaining(file.toString())
        .hasMessageContaining("did you mean max-connections?");
  }

  @Test
  void anUnknownVariableOfOursIsNamedAndOthersAreLeftAlone() {
    Map<String, String> ours = Map.of("SSE_GATEWAY_HEARBEAT", "1s");
    Map<String, String> others = Map.of("HEARTBEAT", "never", "SSE_OTHER", "1");

    assertThatThrownBy(() -> ConfigurationLoader.load(Map.of(), ours, null))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("SSE_GATEWAY_HEARBEAT")
        .hasMessageContaining("did you mean heartbeat?");
    assertThat(ConfigurationLoader.load(Map.of(), others, null).get(Settings.HEARTBEAT))
        .isEqualTo(15_000);
  }

  @Test
  void aKeyThatStandsTwiceIsRefused() throws IOException {
    Path file = file("port=1\nport=2\n");

    assertThatThrownBy(() -> ConfigurationLoader.load(Map.of(), Map.of(), file))
        .hasMessageContaining("key port stands twice");
  }

  @Test
  void aFileThatIsMissingOrNoTextIsNamed() throws IOException {
    Path missing = directory.resolve("missing.properties");
    Path latin = directory.resolve("latin.properties");
    Files.write(latin, "host=h\u00e4".getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> ConfigurationLoader.load(Map.of(), Map.of(), missing))
        .hasMessage("config: " + missing + " does not exist");
    assertThatThrownBy(() -> ConfigurationLoader.load(Map.of(), Map.of(), latin))
        .hasMessage("config: " + latin + " is not UTF-8");
  }

  @ParameterizedTest
  @CsvSource({
    "port, 65536, a number from 0 to 65535",
    "port, '', a number from 0 to 65535",
    "port, 80 80, a number from 0 to 65535",
    "heartbeat, 15, 'a time with its unit, such as 500ms'",
    "heartbeat, -1s, a time with its unit",
    "heartbeat, 99999999999999999999s, a time with its unit",
    "stall-timeout, 0, from 1ms to 24d",
    "max-pending, 64 bananas, a size such as 4096",
    "max-pending, 2TiB, from 0 to 1073741824 bytes",
    "transport, kqueue, 'one of auto, epoll, nio, io-uring'",
    "log-level, loud, 'one of error, warn, info, debug'",
  })
  void aBadValueIsNamedWithWhatIsExpected(String name, String value, String expected) {
    assertThatThrownBy(() -> ConfigurationLoader.load(Map.of(name, value), Map.of(), null))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(name + ": \"" + value + "\" from command line --" + name)
        .hasMessageContaining(expected);
  }

  @ParameterizedTest
  @CsvSource({"500ms, 500", "15s, 15000", "2m, 120000", "12h, 43200000", "7d, 604800000", "0, 0"})
  void timesHaveUnits(String text, int ms) {
    assertThat(
            ConfigurationLoader.load(Map.of("heartbeat", text), Map.of(), null)
                .get(Settings.HEARTBEAT))
        .isEqualTo(ms);
  }

  @ParameterizedTest
  @CsvSource({"4096, 4096", "512KiB, 524288", "1m, 1048576", "1 GB, 1073741824"})
  void sizesHaveUnits(String text, long bytes) {
    assertThat(
            ConfigurationLoader.load(Map.of("max-pending", text), Map.of(), null)
                .get(Settings.MAX_PENDING))
        .isEqualTo(bytes);
  }

  @Test
  void whatIsPrintedCanBeLoadedAgain() throws IOException {
    Map<String, String> flags =
        Map.of("cors-origins", "https://a.example, https://b.example", "heartbeat", "7s");
    Configuration configuration = ConfigurationLoader.load(flags, Map.of("PORT", "99"), null);

    Configuration again = ConfigurationLoader.load(Map.of(), Map.of(), file(configuration.print()));

    assertThat(configuration.print())
        .contains("# environment PORT\nport=99")
        .contains("# command line --heartbeat\nheartbeat=7s")
        .contains("# default\nretry=3s");
    for (Setting<?> setting : Settings.all()) {
      assertThat((Object) again.get(setting))
          .as(setting.name())
          .isEqualTo(configuration.get(setting));
    }
    assertThat(again.get(Settings.CORS_ORIGINS))
        .isEqualTo(List.of("https://a.example", "https://b.example"));
  }

  @Test
  void everySettingHasANameOfItsOwnAndADescription() {
    Set<String> names = new HashSet<>();
    Set<String> variables = new HashSet<>();
    for (Setting<?> setting : Settings.all()) {
      assertThat(names.add(setting.name())).as(setting.name()).isTrue();
      assertThat(setting.name()).matches("[a-z][a-z0-9]*(-[a-z]+)*");
      assertThat(setting.description()).as(setting.name()).endsWith(".");
      for (String variable : setting.environmentNames()) {
        assertThat(variables.add(variable)).as(variable).isTrue();
      }
    }
  }
}
