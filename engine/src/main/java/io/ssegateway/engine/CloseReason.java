package io.ssegateway.engine;

/** Why a connection ended. Each has a counter. */
public enum CloseReason {
  /** The client ended it. */
  CLIENT(Counter.CLOSED_BY_CLIENT),
  /** Its socket, or its outlet, failed. */
  ERROR(Counter.CLOSED_BY_ERROR),
  /** It made no progress for longer than the time-out. */
  STALLED(Counter.CLOSED_STALLED),
  /** Its peer did not acknowledge what was sent. */
  PEER_DEAD(Counter.CLOSED_PEER_DEAD),
  /** The gateway drains. */
  DRAINED(Counter.CLOSED_DRAINED),
  /** An operator ended it. */
  OPERATOR(Counter.CLOSED_BY_OPERATOR),
  /** What its client was granted is over. */
  EXPIRED(Counter.CLOSED_EXPIRED),
  /** The server ended it for a reason of its own. */
  SERVER(Counter.CLOSED_BY_SERVER);

  private final Counter counter;

  CloseReason(Counter counter) {
    this.counter = counter;
  }

  Counter counter() {
    return counter;
  }
}
