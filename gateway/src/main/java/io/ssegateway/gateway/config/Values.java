package io.ssegateway.gateway.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the values of settings. The message of an {@link IllegalArgumentException} says what is
 * expected; the caller knows the setting and the value.
 */
final class Values {
  private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,18})\\s*([A-Za-z]*)");

  private Values() {}

  static int integer(String text, int min, int max) {
    return (int) longInteger(text, min, max);
  }

  static long longInteger(String text, long min, long max) {
    try {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new IllegalArgumentException("a number from " + min + " to " + max);
  }

  /** A time such as {@code 500ms}, {@code 15s}, {@code 2m}, {@code 12h} or {@code 7d}, in ms. */
  static long durationMs(String text, long minMs, long maxMs) {
    Matcher matcher = AMOUNT.matcher(text);
    if (matcher.matches()) {
      long unitMs =
          switch (matcher.group(2)) {
            case "ms" -> 1;
            case "s" -> 1000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> matcher.group(1).equals("0") ? 1 : 0;
          };
      long amount = Long.parseLong(matcher.group(1));
      if (unitMs > 0 && amount <= maxMs / unitMs && amount * unitMs >= minMs) {
        return amount * unitMs;
      }
    }
    throw new IllegalArgumentException(
        "a time with its unit, such as 500ms, 15s, 2m, 12h or 7d, from "
            + minMs
            + "ms to "
            + maxMs / 86_400_000
            + "d");
  }

  /** An amount such as {@code 4096}, {@code 512KiB}, {@code 64MiB} or {@code 10GiB}, in bytes. */
  static long bytes(String text, long min, long max) {
    Matcher matcher = AMOUNT.matcher(text);
    if (matcher.matches()) {
      long unit =
          switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "", "b" -> 1L;
            case "k", "kb", "kib" -> 1L << 10;
            case "m", "mb", "mib" -> 1L << 20;
            case "g", "gb", "gib" -> 1L << 30;
            case "t", "tb", "tib" -> 1L << 40;
            default -> 0;
          };
      long amount = Long.parseLong(matcher.group(1));
      if (unit > 0
          && amount <= Long.MAX_VALUE / unit
          && amount * unit >= min
          && amount * unit <= max) {
        return amount * unit;
      }
    }
    throw new IllegalArgumentException(
        "a size such as 4096, 512KiB, 64MiB or 10GiB, from " + min + " to " + max + " bytes");
  }

  static boolean yesOrNo(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1" -> true;
      case "false", "no", "off", "0" -> false;
      default -> throw new IllegalArgumentException("true or false");
    };
  }

  static <E extends Enum<E>> E choice(String text, Class<E> type) {
    for (E constant : type.getEnumConstants()) {
      if (word(constant).equalsIgnoreCase(text) || constant.name().equalsIgnoreCase(text)) {
        return constant;
      }
    }
    throw new IllegalArgumentException("one of " + String.join(", ", words(type)));
  }

  /** A constant as it is written in a configuration. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static <E extends Enum<E>> List<String> words(Class<E> type) {
    return Arrays.stream(type.getEnumConstants()).map(Values::word).toList();
  }
}
