package io.ssegateway.engine;

/**
 * How a source is.
 *
 * @param up whether it gets what its backend has
 * @param detail for people to read: what is wrong, or empty
 */
public record SourceHealth(boolean up, String detail) {
  /** All is well. */
  public static final SourceHealth UP = new SourceHealth(true, "");

  /** Something is wrong. */
  public static SourceHealth down(String detail) {
    return new SourceHealth(false, detail);
  }
}
