package io.ssegateway.engine.support;

import java.util.regex.Pattern;

/** The form in which an option out of its bounds is refused: name, value and what is expected. */
public final class Checks {
  private static final Pattern NAME = Pattern.compile("[0-9A-Za-z._-]{1,64}");

  private Checks() {}

  /**
   * Refuses what is not fit to name a part in logs, metrics and the journal.
   *
   * @throws IllegalArgumentException if it is not
   */
  public static void requireName(String name, String value) {
    requireForm(name, value, NAME, "1 to 64 of 0-9 A-Z a-z . _ -");
  }

  /**
   * Refuses a number unless the condition holds.
   *
   * @throws IllegalArgumentException if it does not
   */
  public static void require(String name, long value, boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }

  /**
   * Refuses a number that is less or more than the bounds.
   *
   * @throws IllegalArgumentException if it is
   */
  public static void requireBetween(String name, long value, long min, long max) {
    require(name, value, value >= min && value <= max, "from " + min + " to " + max);
  }

  /**
   * Refuses a text that is not of the form.
   *
   * @throws IllegalArgumentException if it is not
   */
  public static void requireForm(String name, String value, Pattern form, String expected) {
    if (!form.matcher(value).matches()) {
      throw new IllegalArgumentException(name + ": \"" + value + "\" (expected: " + expected + ")");
    }
  }

  /**
   * Refuses an empty text, and answers any other.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public static String requireNotEmpty(String name, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(name + ": \"\" (expected: not empty)");
    }
    return value;
  }
}
