package io.ssegateway.gateway;

import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.ConfigurationLoader;
import java.util.HashMap;
import java.util.Map;

/** Makes configurations of a few settings. */
final class Configurations {
  private Configurations() {}

  /** What {@code key=value}s on the command line, and nothing else, say. */
  static Configuration of(String... settings) {
    Map<String, String> flags = new HashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      flags.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    return ConfigurationLoader.load(flags, Map.of(), null);
  }
}
