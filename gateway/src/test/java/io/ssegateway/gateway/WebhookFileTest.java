package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.sources.webhook.WebhookRoute;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The file of webhooks says nothing that is passed over. */
class WebhookFileTest {
  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("webhooks.properties");
  }

  private List<WebhookRoute> read(String... lines) throws IOException {
    return WebhookFile.read(Files.write(file, List.of(lines)));
  }

  @Test
  void aNameMayHaveDots() throws IOException {
    List<WebhookRoute> routes = read("a.b.preset=github", "a.b.secrets=s", "a.b.channel=code");

    assertThat(routes).hasSize(1);
    assertThat(routes.get(0).name()).isEqualTo("a.b");
    assertThat(routes.get(0).toString()).contains("channel=code");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          w.preset=gitlab; w.secrets=s | preset: "gitlab" (expected: github or stripe)
          w.preset=github | secrets: none (expected: at least one)
          w.preset=github; w.secrets=s; w.signature=none | [signature]: unknown, or without effect
          w.channel=c | signature: "" (expected: github, stripe, hmac-sha256 or none, or a preset)
          w.signature=none | channel: not set (expected: a template, or broadcast=true
          w.signature=none; w.channel=c; w.broadcast=true | broadcast: true (expected: one of the two)
          w.signature=none; w.broadcast=yes | broadcast: "yes" (expected: true or false)
          w.signature=none; w.channel=c; w.secrets=s | secrets: set (expected: none
          w.signature=none; w.channel=c; w.chanel=d | [chanel]: unknown, or without effect
          w.signature=none; w.channel=c{ | channel: "c{"
          w.signature=none; w.channel=c; w.data=payload | data: "payload"
          w.signature=stripe; w.channel=c; w.secrets=s; w.header=H | [header]: unknown, or without effect
          w.signature=hmac-sha256; w.channel=c; w.secrets=s | header: "" (expected: a header's name)
          w.signature=hmac-sha256; w.channel=c; w.header=H; w.secrets=s; w.encoding=b64 | encoding: "b64" (expected: hex or base64)
          """)
  void whatIsWrongInARouteIsNamed(String lines, String message) {
    assertThatThrownBy(() -> read(lines.split("; *")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("webhooks: w in " + file + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void aKeyThatStandsTwiceIsRefused() {
    assertThatThrownBy(() -> read("w.preset=github", "w.secrets=one", "w.secrets=two"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("key w.secrets stands twice in " + file);
  }

  @Test
  void aKeyWithoutANameIsRefused() {
    assertThatThrownBy(() -> read("preset=github"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("key preset in " + file + " (expected: NAME.key)");
  }

  @Test
  void anEmptyOrMissingFileIsRefused() {
    assertThatThrownBy(() -> read("# nothing"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(file + " is empty");
    assertThatThrownBy(() -> WebhookFile.read(directory.resolve("no")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("webhooks: " + directory.resolve("no") + " does not exist");
  }
}
