package io.ssegateway.gateway;

import io.ssegateway.gateway.config.ConfigurationLoader;
import io.ssegateway.gateway.config.Setting;
import io.ssegateway.gateway.config.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The command line: a flag for every setting, made from its definition. Stateless. */
final class CommandLineSpec {
  private static final int USAGE_WIDTH = 100;

  private CommandLineSpec() {}

  /**
   * What the command line says.
   *
   * @param help whether to show the help text
   * @param version whether to show the version
   * @param printConfig whether to show the configuration
   * @param newApiKey the name of an API key to make, or null
   * @param file the file named, or null
   * @param settings values by the setting's name
   */
  record Arguments(
      boolean help,
      boolean version,
      boolean printConfig,
      @Nullable String newApiKey,
      @Nullable Path file,
      Map<String, String> settings) {}

  /**
   * Reads the arguments.
   *
   * @throws CommandLine.ParameterException if one is unknown or incomplete
   */
  static Arguments parse(String... args) {
    ParseResult result = new CommandLine(spec()).parseArgs(args);
    Map<String, String> settings = new HashMap<>();
    for (Setting<?> setting : Settings.all()) {
      String flag = "--" + setting.name();
      if (result.hasMatchedOption(flag)) {
        settings.put(setting.name(), result.matchedOptionValue(flag, ""));
      }
    }
    Path file = result.matchedOptionValue("--config", null);
    return new Arguments(
        result.isUsageHelpRequested(),
        result.isVersionHelpRequested(),
        result.hasMatchedOption("--print-config"),
        result.matchedOptionValue("--new-api-key", null),
        file,
        settings);
  }

  /** The help text. */
  static String help() {
    return new CommandLine(spec()).getUsageMessage();
  }

  private static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("java -jar sse-gateway.jar");
    spec.usageMessage()
        .width(USAGE_WIDTH)
        .abbreviateSynopsis(true)
        .sortOptions(false)
        .description(
            "Fans messages out to browsers and programs over Server-Sent Events.",
            "",
            "Every setting can also stand in the file of --config, without its dashes, and in the"
                + " environment, in capitals behind SSE_GATEWAY_ (as SSE_GATEWAY_LOG_LEVEL). The"
                + " command line wins over the environment, and that over the file.");
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Shows this.").build());
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Shows the version.")
            .build());
    spec.addOption(
        OptionSpec.builder("-c", "--config")
            .type(Path.class)
            .paramLabel("FILE")
            .description(
                "A file of settings, key=value a line, in UTF-8 (environment: "
                    + ConfigurationLoader.FILE_VARIABLE
                    + ").")
            .build());
    spec.addOption(
        OptionSpec.builder("--print-config")
            .type(boolean.class)
            .description("Shows what the settings are and where each comes from, and ends.")
            .build());
    spec.addOption(
        OptionSpec.builder("--new-api-key")
            .type(String.class)
            .paramLabel("NAME")
            .description(
                "Makes an API key, shows it on standard error, prints its line for the file of"
                    + " api-keys on standard output, and ends.")
            .build());
    byGroup().forEach((group, options) -> spec.addArgGroup(section(group, options)));
    return spec;
  }

  private static Map<Setting.Group, List<OptionSpec>> byGroup() {
    Map<Setting.Group, List<OptionSpec>> groups = new EnumMap<>(Setting.Group.class);
    for (Setting<?> setting : Settings.all()) {
      groups.computeIfAbsent(setting.group(), group -> new ArrayList<>()).add(option(setting));
    }
    return groups;
  }

  private static ArgGroupSpec section(Setting.Group group, List<OptionSpec> options) {
    ArgGroupSpec.Builder section =
        ArgGroupSpec.builder().heading("%n" + group.title() + ":%n").validate(false);
    options.forEach(section::addArg);
    return section.build();
  }

  private static OptionSpec option(Setting<?> setting) {
    String unset = setting.defaultText().isEmpty() ? "none" : setting.defaultText();
    List<String> environment = setting.environmentNames();
    String also =
        environment.size() > 1
            ? "; environment also: " + String.join(", ", environment.subList(1, environment.size()))
            : "";
    OptionSpec.Builder option = OptionSpec.builder("--" + setting.name());
    if (setting.isYesOrNo()) {
      option.arity("0..1").fallbackValue("true");
    }
    return option
        .type(String.class)
        .paramLabel(setting.label())
        .description((setting.description() + " Default: " + unset + also + ".").replace("%", "%%"))
        .build();
  }
}
