package io.ssegateway.engine.journal;

import io.ssegateway.engine.frame.TraceContext;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@linkplain Journal#isShared shared} journal hands the events of all its writers, in the
 * journal's order. Called by one thread of the journal.
 */
public interface CommittedEventSink {
  /**
   * Hands over the next event; waits while the ring is full.
   *
   * @param position greater than the one before
   * @param channel the channel, or null for a broadcast
   * @param type the event type
   * @param publisherId the id that the publisher gave, or null
   * @param retryMs the reconnection time in ms, or -1
   * @param traceContext the trace that it was published in, or null
   * @param publishTimeMs ms since 1970
   * @param payload holds the payload in UTF-8; copied before the call returns
   * @return false if the engine is closed
   * @throws InterruptedException if the thread was interrupted while it waited
   */
  boolean onCommitted(
      long position,
      @Nullable String channel,
      String type,
      @Nullable String publisherId,
      int retryMs,
      @Nullable TraceContext traceContext,
      long publishTimeMs,
      DirectBuffer payload,
      int offset,
      int length)
      throws InterruptedException;

  /**
   * Says that what follows is not all that there was: the events after the one handed over last and
   * not after the position are missing, or the epoch is another, which {@link Journal#epoch} tells
   * before this is called. The streams are told of a gap where they have one. Waits while the ring
   * is full.
   *
   * @param position not less than the one handed over last; what follows is greater
   * @return false if the engine is closed
   * @throws InterruptedException if the thread was interrupted while it waited
   */
  boolean onBreak(long position) throws InterruptedException;
}
