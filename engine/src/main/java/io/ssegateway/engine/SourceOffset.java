package io.ssegateway.engine;

import java.util.Objects;

/**
 * Where in its backend's log a message came from. It travels in the journal with the event, so that
 * a durable journal and the source's place in its backend can never disagree: after a restart a
 * source goes on behind the newest offset that is journalled. Immutable.
 *
 * <p>A backend without a log has no such place, but a message of it can have an identity. Then the
 * partition begins with {@link #IDENTITY_PREFIX}, nothing goes on behind the offset, and all that
 * it tells is which messages are copies of one another: a journal that several nodes share drops
 * the copies that other nodes got of a message, if they come within minutes. An offset {@code
 * <receiver>.<identity>} names who received it too: then the same message from the same receiver is
 * a new one, and only those of other receivers are copies. A receiver is {@code <ms>-<name>} with
 * the ms since 1970 at which it began; what was journalled before that it cannot have received.
 *
 * @param partition the log, unique among all sources, such as {@code kafka:orders-3}; 1 to {@value
 *     #MAX_PARTITION_LENGTH} characters
 * @param offset the message's place in it, in the backend's own notation; 1 to {@value
 *     #MAX_OFFSET_LENGTH} characters
 */
public record SourceOffset(String partition, String offset) {
  /** Begins a partition whose offsets are identities without an order. */
  public static final String IDENTITY_PREFIX = "~";

  /** Most characters of a partition. */
  public static final int MAX_PARTITION_LENGTH = 512;

  /** Most characters of an offset. */
  public static final int MAX_OFFSET_LENGTH = 64;

  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if one is empty or too long
   */
  public SourceOffset {
    Objects.requireNonNull(partition, "partition");
    Objects.requireNonNull(offset, "offset");
    require("partition", partition, MAX_PARTITION_LENGTH);
    require("offset", offset, MAX_OFFSET_LENGTH);
  }

  /** Whether the offset tells a place in a log, not only which message it is. */
  public boolean isPlace() {
    return !partition.startsWith(IDENTITY_PREFIX);
  }

  private static void require(String name, String value, int maxLength) {
    if (value.isEmpty() || value.length() > maxLength) {
      throw new IllegalArgumentException(
          name + ": \"" + value + "\" (expected: 1 to " + maxLength + " characters)");
    }
  }
}
