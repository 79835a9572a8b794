package io.ssegateway.engine;

import org.jspecify.annotations.Nullable;

/**
 * Which connections to list, in what order, and which part of the list. Immutable.
 *
 * @param channel only those of this channel, or null
 * @param text only those with this text in the name of a channel or in the remote address, or null
 * @param states which states to show
 * @param order the order
 * @param offset connections to pass over
 * @param limit most connections to answer
 */
public record ConnectionQuery(
    @Nullable String channel,
    @Nullable String text,
    States states,
    Order order,
    int offset,
    int limit) {

  /** Greatest sum of offset and limit where an order has to be made. */
  public static final int MAX_ORDERED = 10_000;

  /** Which states to show. */
  public enum States {
    /** Every state. */
    ANY,
    /** Those that get events as they are fanned out. */
    LIVE,
    /** Those that read the journal. */
    REPLAYING
  }

  /** The order of a list. */
  public enum Order {
    /** Lane by lane, as they stand there: any offset, and the cheapest. */
    PLACE,
    /** Those first that began first. */
    OLDEST,
    /** Those first that began last. */
    NEWEST,
    /** Those first whose sockets owe the most bytes. */
    PENDING,
    /** Those first that have been behind for longest. */
    BEHIND
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of its bounds
   */
  public ConnectionQuery {
    if (offset < 0 || limit < 0) {
      throw new IllegalArgumentException(
          "offset: " + offset + ", limit: " + limit + " (expected: >= 0)");
    }
    if (order != Order.PLACE && (long) offset + limit > MAX_ORDERED) {
      throw new IllegalArgumentException(
          "offset + limit: "
              + ((long) offset + limit)
              + " (expected: at most "
              + MAX_ORDERED
              + " in an order other than by place)");
    }
  }

  /** A part of all connections by place. */
  public static ConnectionQuery page(int offset, int limit) {
    return new ConnectionQuery(null, null, States.ANY, Order.PLACE, offset, limit);
  }
}
