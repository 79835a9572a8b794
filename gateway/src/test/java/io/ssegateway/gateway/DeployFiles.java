package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Finds and reads the files of {@code deploy/}. */
final class DeployFiles {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  static final Path DEPLOY = ROOT.resolve("deploy");

  private DeployFiles() {}

  /** The files whose whole names match, in order. */
  static List<Path> files(String pattern) throws IOException {
    try (Stream<Path> paths = Files.walk(DEPLOY)) {
      return paths
          .filter(Files::isRegularFile)
          .filter(path -> path.getFileName().toString().matches(pattern))
          .sorted()
          .toList();
    }
  }

  /** The documents of a YAML text, in which no key may stand twice. */
  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> documents(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    List<Map<String, Object>> documents = new ArrayList<>();
    new Yaml(new SafeConstructor(options))
        .loadAll(text)
        .forEach(document -> documents.add((Map<String, Object>) document));
    return documents;
  }

  /** The first document of a file. */
  static Map<String, Object> document(String path) throws IOException {
    return documents(Files.readString(DEPLOY.resolve(path))).get(0);
  }

  /** The value at keys and list indexes, separated by slashes. */
  static Object at(Object document, String path) {
    Object value = document;
    for (String key : path.split("/", -1)) {
      value =
          value instanceof List<?> list
              ? list.get(Integer.parseInt(key))
              : ((Map<?, ?>) value).get(key);
      assertThat(value).as("%s of %s", key, path).isNotNull();
    }
    return value;
  }
}
