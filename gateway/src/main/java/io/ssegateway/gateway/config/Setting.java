package io.ssegateway.gateway.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Something the gateway can be told: its name, what values it takes, and its default. Immutable.
 *
 * @param <T> what a value is parsed into
 */
public final class Setting<T> {
  private static final long MAX_LONG_DURATION_MS = 36_500L * 86_400_000;
  private static final String ENVIRONMENT_PREFIX = "SSE_GATEWAY_";
  private static final String YES_OR_NO = "true|false";

  private final String name;
  private final Group group;
  private final String label;
  private final String defaultText;
  private final String description;
  private final Function<String, T> parser;
  private final List<String> environmentNames;
  private final boolean secret;

  /** What a setting is about; the order of the help text. */
  public enum Group {
    /** Address and limits of the HTTP server. */
    SERVER("Server"),
    /** TLS and HTTP/2. */
    NETWORK("Network"),
    /** Who may listen, publish and look inside. */
    AUTHENTICATION("Authentication"),
    /** The ring and the streams. */
    STREAMS("Streams"),
    /** Where history is kept. */
    JOURNAL("Journal"),
    /** Where messages come from beside HTTP. */
    SOURCES("Sources"),
    /** Who is told of those who come and go. */
    PRESENCE("Presence"),
    /** What is logged, and how. */
    LOGGING("Logging");

    private final String title;

    Group(String title) {
      this.title = title;
    }

    /** The heading in the help text. */
    public String title() {
      return title;
    }
  }

  private Setting(
      String name,
      Group group,
      String label,
      String defaultText,
      String description,
      Function<String, T> parser,
      List<String> environmentNames,
      boolean secret) {
    this.name = name;
    this.group = group;
    this.label = label;
    this.defaultText = defaultText;
    this.description = description;
    this.parser = parser;
    this.environmentNames = environmentNames;
    this.secret = secret;
  }

  private static <T> Setting<T> of(
      Group group,
      String name,
      String label,
      String defaultText,
      Function<String, T> parser,
      String description) {
    String own = ENVIRONMENT_PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_');
    return new Setting<>(name, group, label, defaultText, description, parser, List.of(own), false);
  }

  static Setting<String> text(Group group, String name, String defaultValue, String description) {
    return of(group, name, "TEXT", defaultValue, text -> text, description);
  }

  static Setting<Integer> integer(
      Group group, String name, int defaultValue, int min, int max, String description) {
    return of(
        group,
        name,
        "NUMBER",
        Integer.toString(defaultValue),
        text -> Values.integer(text, min, max),
        description);
  }

  static Setting<Long> longInteger(
      Group group, String name, long defaultValue, long min, long max, String description) {
    return of(
        group,
        name,
        "NUMBER",
        Long.toString(defaultValue),
        text -> Values.longInteger(text, min, max),
        description);
  }

  /** A value of any type; the parser's exception says what is expected. */
  static <T> Setting<T> parsed(
      Group group,
      String name,
      String label,
      String defaultText,
      String description,
      Function<String, T> parser) {
    return of(group, name, label, defaultText, parser, description);
  }

  /** A time of up to 24 days; its value is in ms. */
  static Setting<Integer> duration(
      Group group, String name, String defaultText, int minMs, String description) {
    return of(
        group,
        name,
        "TIME",
        defaultText,
        text -> (int) Values.durationMs(text, minMs, Integer.MAX_VALUE),
        description);
  }

  /** A time of up to 100 years; its value is in ms. */
  static Setting<Long> longDuration(
      Group group, String name, String defaultText, long minMs, String description) {
    return of(
        group,
        name,
        "TIME",
        defaultText,
        text -> Values.durationMs(text, minMs, MAX_LONG_DURATION_MS),
        description);
  }

  /** An amount of memory or of disk; its value is in bytes. */
  static Setting<Long> size(
      Group group, String name, String defaultText, long min, long max, String description) {
    return of(group, name, "SIZE", defaultText, text -> Values.bytes(text, min, max), description);
  }

  static <E extends Enum<E>> Setting<E> choice(
      Group group, String name, E defaultValue, String description) {
    Class<E> type = defaultValue.getDeclaringClass();
    return of(
        group,
        name,
        String.join("|", Values.words(type)),
        Values.word(defaultValue),
        text -> Values.choice(text, type),
        description);
  }

  static Setting<Boolean> yesOrNo(
      Group group, String name, boolean defaultValue, String description) {
    return of(group, name, YES_OR_NO, Boolean.toString(defaultValue), Values::yesOrNo, description);
  }

  /** Values separated by commas. */
  static Setting<List<String>> list(Group group, String name, String description) {
    return of(
        group,
        name,
        "LIST",
        "",
        text ->
            Arrays.stream(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList(),
        description);
  }

  /** The same setting, which may also come from an environment variable that others define. */
  Setting<T> orEnvironment(String variable) {
    List<String> names = new ArrayList<>(environmentNames);
    names.add(variable);
    return new Setting<>(
        name, group, label, defaultText, description, parser, List.copyOf(names), secret);
  }

  /** The same setting, whose value is never shown. */
  Setting<T> hidden() {
    return new Setting<>(
        name, group, label, defaultText, description, parser, environmentNames, true);
  }

  /** The name: the flag without its dashes, and the key in a file. */
  public String name() {
    return name;
  }

  /** What it is about. */
  public Group group() {
    return group;
  }

  /** What kind of value it takes, for people to read. */
  public String label() {
    return label;
  }

  /** The default as it would be written; empty for none. */
  public String defaultText() {
    return defaultText;
  }

  /** What it does, for people to read. */
  public String description() {
    return description;
  }

  /** The environment variables it is taken from; the first that is set wins. */
  public List<String> environmentNames() {
    return environmentNames;
  }

  /** Whether it is true or false, so that its flag alone means true. */
  public boolean isYesOrNo() {
    return label.equals(YES_OR_NO);
  }

  /** Whether its value must not be shown. */
  public boolean isSecret() {
    return secret;
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException if it is none; the message says what is expected
   */
  T parse(String text) {
    return parser.apply(text.strip());
  }

  @Override
  public String toString() {
    return "--" + name;
  }
}
