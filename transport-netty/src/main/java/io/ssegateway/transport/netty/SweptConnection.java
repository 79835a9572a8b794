package io.ssegateway.transport.netty;

/** A connection with a deadline that {@link HttpConnections} watches. Owned by the event loop. */
interface SweptConnection {
  /** Its index in the sweep, or -1 if it is not swept. */
  int sweepIndex();

  /** Notes the index. */
  void sweepIndex(int index);

  /** Ends the connection if its deadline is over. */
  void sweep(long nowNs);

  /** Ends the connection as soon as what it was asked is answered. */
  void closeWhenIdle();

  /** The gateway drains: takes nothing new, as far as the protocol lets it say so. */
  default void drain() {}
}
