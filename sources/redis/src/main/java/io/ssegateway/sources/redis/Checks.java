package io.ssegateway.sources.redis;

/** The form in which an option out of its bounds is refused. */
final class Checks {
  private Checks() {}

  static void require(String name, long value, boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }

  static String requireNotEmpty(String name, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(name + ": \"\" (expected: not empty)");
    }
    return value;
  }
}
