package io.ssegateway.storage.redis;

/** The form in which an option out of its bounds is refused. */
final class Checks {
  private Checks() {}

  static void require(String name, long value, boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
