package io.ssegateway.transport.netty;

/** How many bytes a stream of an event loop may owe. Asked on the loop. */
@FunctionalInterface
interface PendingLimit {
  /**
   * Bytes that a stream may owe now before it reads the journal instead; none as long as all
   * streams together owe too much.
   */
  int maxPendingBytes();
}
