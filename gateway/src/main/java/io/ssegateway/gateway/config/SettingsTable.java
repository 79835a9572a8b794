package io.ssegateway.gateway.config;

import java.util.Locale;

/** All settings as a page of Markdown, so that the documentation cannot differ. Stateless. */
final class SettingsTable {
  private SettingsTable() {}

  static String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("# Configuration\n\n")
        .append("Every setting is a flag (`--port=8080`), a key of the file of `--config`")
        .append(" (`port=8080`) and an environment\nvariable (`SSE_GATEWAY_PORT=8080`). The")
        .append(" command line wins over the environment, and that over the file. An\nunknown")
        .append(" flag, key or `SSE_GATEWAY_` variable stops the start, and so does a bad")
        .append(" value.\n\nTimes have a unit (`500ms`, `15s`, `2m`, `12h`, `7d`), and so may")
        .append(" sizes (`512KiB`, `64MiB`, `10GiB`).\n");
    Setting.Group group = null;
    for (Setting<?> setting : Settings.all()) {
      if (setting.group() != group) {
        group = setting.group();
        text.append("\n## ").append(group.title()).append("\n\n");
        text.append("| Setting | Default | What it does |\n| --- | --- | --- |\n");
      }
      text.append(row(setting)).append('\n');
    }
    return text.toString();
  }

  /** A setting's row. */
  static String row(Setting<?> setting) {
    String unset = setting.defaultText().isEmpty() ? "" : "`" + setting.defaultText() + "` ";
    String choices =
        setting.label().contains("|") && !setting.label().equals("true|false")
            ? " (" + setting.label().replace("|", ", ") + ")"
            : "";
    StringBuilder also = new StringBuilder();
    for (String name : setting.environmentNames()) {
      if (!name.startsWith("SSE_GATEWAY_")) {
        also.append(also.isEmpty() ? " Also from " : ", ").append('`').append(name).append('`');
      }
    }
    return String.format(
        Locale.ROOT,
        "| `%s` | %s| %s%s%s |",
        setting.name(),
        unset,
        setting.description(),
        choices,
        also.isEmpty() ? "" : also.append('.').toString());
  }
}
