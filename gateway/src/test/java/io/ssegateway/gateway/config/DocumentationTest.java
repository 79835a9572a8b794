package io.ssegateway.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The documentation of the settings says what the code says. */
class DocumentationTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void thePageOfAllSettingsIsTheOneTheCodeMakes() throws IOException {
    String made = SettingsTable.markdown();
    Path target = Files.createDirectories(Path.of("target")).resolve("configuration.md");
    Files.writeString(target, made);

    assertThat(ROOT.resolve("docs/configuration.md"))
        .as("docs/configuration.md (to mend it, copy gateway/target/configuration.md over it)")
        .hasContent(made);
  }

  @Test
  void theReadmesSettingsExistWithTheseDefaultsAndDescriptions() throws IOException {
    List<String> rows =
        Files.readString(ROOT.resolve("README.md"))
            .lines()
            .dropWhile(line -> !line.equals("| Setting | Default | What it does |"))
            .skip(2)
            .takeWhile(line -> line.startsWith("|"))
            .toList();

    assertThat(rows).isNotEmpty();
    for (String row : rows) {
      String name = row.substring(row.indexOf('`') + 1, row.indexOf('`', row.indexOf('`') + 1));
      Setting<?> setting =
          Settings.all().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
      String start =
          setting.defaultText().isEmpty()
              ? "| `" + name + "` | | "
              : "| `" + name + "` | `" + setting.defaultText() + "` | ";
      assertThat(row).isEqualTo(start + setting.description() + " |");
    }
  }
}
