package io.ssegateway.gateway.config;

import io.ssegateway.gateway.config.Configuration.Origin;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Puts the configuration together: the command line wins over the environment, and that over the
 * file. Whatever looks like a setting and is none stops it. Not thread-safe.
 */
public final class ConfigurationLoader {
  private static final String PREFIX = "SSE_GATEWAY_";
  private static final int MAX_DISTANCE = 3;

  /** The environment variable that names the file. */
  public static final String FILE_VARIABLE = PREFIX + "CONFIG";

  private final Map<Setting<?>, Origin> given = new HashMap<>();

  /**
   * Loads.
   *
   * @param flags values of the command line, by the setting's name
   * @param environment the environment
   * @param file the file of the command line, or null to look into the environment for one
   * @throws ConfigurationException if something is unknown or bad
   */
  public static Configuration load(
      Map<String, String> flags, Map<String, String> environment, @Nullable Path file) {
    ConfigurationLoader loader = new ConfigurationLoader();
    String variable = environment.get(FILE_VARIABLE);
    Path path = file != null || variable == null ? file : Path.of(variable);
    if (path != null) {
      loader.addFile(path);
    }
    loader.addEnvironment(environment);
    flags.forEach(
        (name, text) ->
            loader.given.put(
                byName(name, "unknown setting: " + name),
                new Origin(text, "command line --" + name)));
    return new Configuration(loader.given);
  }

  private static Setting<?> byName(String name, String otherwise) {
    return Settings.all().stream()
        .filter(setting -> setting.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new ConfigurationException(otherwise));
  }

  private void addFile(Path path) {
    Properties properties = PropertiesFile.read("config", path);
    for (String key : new TreeSet<>(properties.stringPropertyNames())) {
      Setting<?> setting = byName(key, "unknown key " + key + " in " + path + near(key));
      given.put(setting, new Origin(properties.getProperty(key), "file " + path));
    }
  }

  private void addEnvironment(Map<String, String> environment) {
    Set<String> known = new HashSet<>(List.of(FILE_VARIABLE));
    for (Setting<?> setting : Settings.all()) {
      List<String> names = setting.environmentNames();
      known.addAll(names);
      for (int i = names.size() - 1; i >= 0; i--) {
        String text = environment.get(names.get(i));
        if (text != null) {
          given.put(setting, new Origin(text, "environment " + names.get(i)));
        }
      }
    }
    for (String name : new TreeSet<>(environment.keySet())) {
      if (name.startsWith(PREFIX) && !known.contains(name)) {
        String key = name.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '-');
        throw new ConfigurationException("unknown environment variable " + name + near(key));
      }
    }
  }

  /** The name of the setting that a misspelt key may mean, or empty. */
  public static Optional<String> nearest(String key) {
    return Settings.all().stream()
        .map(Setting::name)
        .min(Comparator.comparingInt(name -> distance(name, key)))
        .filter(name -> distance(name, key) <= MAX_DISTANCE);
  }

  private static String near(String key) {
    return nearest(key)
        .map(name -> " (did you mean " + name + "?)")
        .orElse(" (--help lists all settings)");
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
