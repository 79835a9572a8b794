package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/threat-model.md says is tested has a test of that name. */
class ThreatModelTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern NAME = Pattern.compile("`([A-Z][0-9A-Za-z]*(?:Test|IT))`");
  private static final Pattern ROW = Pattern.compile("\\| .* \\| .* \\| (.*) \\|");

  @Test
  void everyRowNamesTestsAndEachOfThemExists() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/threat-model.md"));
    Set<String> named =
        NAME.matcher(page).results().map(m -> m.group(1)).collect(Collectors.toSet());
    assertThat(named).hasSizeGreaterThan(20);
    assertThat(sources()).containsAll(named);

    assertThat(ROW.matcher(page).results().map(m -> m.group(1)).toList())
        .hasSizeGreaterThan(30)
        .allMatch(cell -> cell.equals("Test") || cell.equals("---") || NAME.matcher(cell).find());
  }

  private static Set<String> sources() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.filter(Files::isDirectory).toList()) {
        if (!Files.exists(module.resolve("pom.xml"))) {
          continue;
        }
        try (Stream<Path> files = Files.walk(module)) {
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".java"))
              .forEach(name -> names.add(name.substring(0, name.length() - 5)));
        }
      }
    }
    return names;
  }
}
