package io.ssegateway.engine;

import io.ssegateway.engine.journal.GapReason;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An outlet inside the process, which takes events one by one instead of bytes: it gets no
 * preamble, no heartbeat and no gathered writes.
 */
interface EventOutlet extends Outlet {
  /** Takes one event; false if it cannot now. */
  boolean offerEvent(
      long position, @Nullable String channel, DirectBuffer buffer, int offset, int length);

  /** Takes the news of a gap; false if it cannot now. */
  boolean offerGap(GapReason reason, String requested, long resumeAfter);
}
