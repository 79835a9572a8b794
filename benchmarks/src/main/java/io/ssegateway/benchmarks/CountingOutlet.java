package io.ssegateway.benchmarks;

import io.ssegateway.engine.CloseReason;
import io.ssegateway.engine.Outlet;
import org.agrona.DirectBuffer;

/** A null outlet: takes everything and only counts. Owned by its lane. */
final class CountingOutlet implements Outlet {
  private long offers;
  private long bytes;

  /** Number of writes it was given, the preamble among them. */
  long offers() {
    return offers;
  }

  /** Bytes it was given. */
  long bytes() {
    return bytes;
  }

  @Override
  public boolean offer(DirectBuffer buffer, int offset, int length) {
    offers++;
    bytes += length;
    return true;
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public int pendingBytes() {
    return 0;
  }

  @Override
  public void close(CloseReason reason) {}
}
