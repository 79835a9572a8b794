package io.ssegateway.gateway;

import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.gateway.config.PropertiesFile;
import io.ssegateway.transport.netty.ApiKey;
import io.ssegateway.transport.netty.ApiKeys;
import io.ssegateway.transport.netty.ChannelPatterns;
import io.ssegateway.transport.netty.Role;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The file that the setting {@code api-keys} names: properties of the form {@code NAME.key=value}.
 *
 * <p>Keys are {@code sha256} (the hash of the key), {@code publish} and {@code subscribe}
 * (channels, separated by commas) and {@code roles} (stats, admin). Stateless.
 */
final class ApiKeyFile {
  private ApiKeyFile() {}

  /**
   * A key that was made.
   *
   * @param key for who calls; it stands nowhere else
   * @param line for the file
   */
  record NewKey(String key, String line) {}

  /**
   * Makes a key.
   *
   * @param name of the key in the file
   * @throws ConfigurationException if the name is not fit for one
   */
  static NewKey newKey(String name) {
    if (!name.matches("[0-9A-Za-z_-]{1,64}")) {
      throw new ConfigurationException(
          "new-api-key: \"" + name + "\" (expected: a name of letters, digits, - and _)");
    }
    String key = ApiKeys.generate();
    return new NewKey(key, name + ".sha256=" + ApiKeys.sha256(key));
  }

  /**
   * Reads the keys.
   *
   * @throws ConfigurationException if the file cannot be read or something in it is wrong; never
   *     quotes a value, which could be a key by mistake
   */
  static List<ApiKey> read(Path path) {
    Map<String, Map<String, String>> byName =
        PropertiesFile.byName(
            PropertiesFile.read("api-keys", path),
            key ->
                new ConfigurationException(
                    "api-keys: a key without a dot in "
                        + path
                        + " (expected: NAME.sha256=, and so on)"));
    if (byName.isEmpty()) {
      throw new ConfigurationException(
          "api-keys: " + path + " is empty (expected: NAME.sha256=, as --new-api-key prints it)");
    }
    List<ApiKey> keys = new ArrayList<>();
    Map<String, String> names = new HashMap<>();
    byName.forEach(
        (name, fields) -> {
          ApiKey key = key(path, name, fields);
          String other = names.put(key.sha256().toLowerCase(Locale.ROOT), name);
          if (other != null) {
            throw bad(path, name, "sha256: that of " + other + " too (expected: its own)");
          }
          keys.add(key);
        });
    return keys;
  }

  private static ApiKey key(Path path, String name, Map<String, String> fields) {
    Map<String, String> unread = new TreeMap<>(fields);
    try {
      ApiKey key =
          new ApiKey(
              name,
              take(unread, "sha256"),
              ChannelPatterns.of(list(take(unread, "subscribe"))),
              ChannelPatterns.of(list(take(unread, "publish"))),
              roles(take(unread, "roles")));
      if (!unread.isEmpty()) {
        throw new IllegalArgumentException(
            unread.keySet() + ": unknown (expected: sha256, publish, subscribe, roles)");
      }
      if (key.subscribe().isEmpty() && key.publish().isEmpty() && key.roles().isEmpty()) {
        throw new IllegalArgumentException(
            "it may do nothing (expected: publish, subscribe or roles)");
      }
      return key;
    } catch (IllegalArgumentException e) {
      throw bad(path, name, e.getMessage());
    }
  }

  private static ConfigurationException bad(Path path, String name, @Nullable String what) {
    return new ConfigurationException("api-keys: " + name + " in " + path + ": " + what);
  }

  private static Set<Role> roles(String text) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String word : list(text)) {
      roles.add(
          switch (word) {
            case "stats" -> Role.STATS;
            case "admin" -> Role.ADMIN;
            default ->
                throw new IllegalArgumentException(
                    "roles: \"" + word + "\" (expected: stats or admin)");
          });
    }
    return roles;
  }

  private static List<String> list(String text) {
    return Arrays.stream(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  private static String take(Map<String, String> fields, String field) {
    String value = fields.remove(field);
    return value == null ? "" : value;
  }
}
