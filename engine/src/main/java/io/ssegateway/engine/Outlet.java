package io.ssegateway.engine;

import org.agrona.DirectBuffer;

/**
 * Where the bytes of a connection go: a socket, as a rule. All methods are called on the
 * connection's lane, must not block and must not throw.
 *
 * <p>An outlet that was not writable and is again calls {@link Connection#onWritable}; one that
 * ends by itself calls {@link Connection#onClosed}. Both on the lane.
 */
public interface Outlet {
  /**
   * Takes bytes, whole frames as a rule. What the socket does not take at once the outlet copies
   * and sends later.
   *
   * @param buffer direct memory, or an array; valid during the call only
   * @return true if all bytes are taken; false if none is, because the outlet is not writable
   */
  boolean offer(DirectBuffer buffer, int offset, int length);

  /** Whether {@link #offer} would take bytes. */
  boolean isWritable();

  /** Bytes taken but not yet sent. */
  int pendingBytes();

  /** Where the bytes go, for people to read, such as {@code 192.0.2.7:52114}; empty if unknown. */
  default String remoteAddress() {
    return "";
  }

  /** What carries the bytes, for people to read, such as {@code epoll}; empty if unknown. */
  default String transport() {
    return "";
  }

  /**
   * Sends what is pending, as far as it can be sent, and ends. Calls after the first do nothing.
   */
  void close(CloseReason reason);
}
