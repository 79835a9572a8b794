package io.ssegateway.gateway.config;

import java.util.HashMap;
import java.util.Map;

/** The value of every setting, and where it came from. Immutable. */
public final class Configuration {
  private static final Origin DEFAULT = new Origin("", "default");

  private final Map<Setting<?>, Origin> given;
  private final Map<Setting<?>, Object> values = new HashMap<>();

  /**
   * A value as it was written, and where.
   *
   * @param text the value
   * @param place where it stands, for people to read
   */
  record Origin(String text, String place) {}

  /**
   * Reads the values.
   *
   * @throws ConfigurationException if one is bad
   */
  Configuration(Map<Setting<?>, Origin> given) {
    this.given = Map.copyOf(given);
    for (Setting<?> setting : Settings.all()) {
      values.put(setting, parse(setting, text(setting), place(setting)));
    }
  }

  private static Object parse(Setting<?> setting, String text, String place) {
    try {
      return setting.parse(text);
    } catch (IllegalArgumentException e) {
      String shown = setting.isSecret() ? "(hidden)" : '"' + text + '"';
      throw new ConfigurationException(
          setting.name() + ": " + shown + " from " + place + " (expected: " + e.getMessage() + ")");
    }
  }

  /** The value of a setting. */
  @SuppressWarnings("unchecked") // put in by the setting's own parser
  public <T> T get(Setting<T> setting) {
    Object value = values.get(setting);
    if (value == null) {
      throw new IllegalArgumentException("not a setting: " + setting);
    }
    return (T) value;
  }

  /** Whether somebody gave a value. */
  public boolean isGiven(Setting<?> setting) {
    return given.containsKey(setting);
  }

  private String text(Setting<?> setting) {
    Origin origin = given.get(setting);
    return origin == null ? setting.defaultText() : origin.text;
  }

  private String place(Setting<?> setting) {
    return given.getOrDefault(setting, DEFAULT).place;
  }

  /**
   * The configuration as a file that can be loaded again, with comments that tell where each value
   * came from. Secrets are left out.
   */
  public String print() {
    StringBuilder text = new StringBuilder();
    Setting.Group group = null;
    for (Setting<?> setting : Settings.all()) {
      if (setting.group() != group) {
        group = setting.group();
        text.append(text.isEmpty() ? "" : "\n").append("# ").append(group.title()).append('\n');
      }
      boolean hide = setting.isSecret() && !text(setting).isEmpty();
      text.append("# ").append(place(setting)).append('\n');
      text.append(hide ? "#" : "")
          .append(setting.name())
          .append('=')
          .append(hide ? "(hidden)" : text(setting).strip().replace("\\", "\\\\"))
          .append('\n');
    }
    return text.toString();
  }
}
