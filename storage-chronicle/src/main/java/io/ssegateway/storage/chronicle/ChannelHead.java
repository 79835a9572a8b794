package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.journal.TailHead;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** What is known of a channel, or of the broadcasts: its newest event. */
final class ChannelHead {
  private static final VarHandle POSITION = position();

  /**
   * Position of the newest event; stored after its record is whole. Readers learn of it in order,
   * at the latest with the commit.
   */
  volatile long position;

  // the journal thread's own

  /** Number of the newest event in its channel. */
  long ordinal;

  /** Position of the last event whose number is a multiple of the skip interval, or 0. */
  long skip;

  /** By what the memory of recent events knew the channel last; null if it did not yet. */
  @Nullable TailHead recent;

  /** Moves on to the next event. Journal thread. */
  void advance(long newPosition, long newOrdinal) {
    ordinal = newOrdinal;
    if (newOrdinal % RecordLayout.SKIP_INTERVAL == 0) {
      skip = newPosition;
    }
    POSITION.setRelease(this, newPosition);
  }

  private static VarHandle position() {
    try {
      return MethodHandles.lookup().findVarHandle(ChannelHead.class, "position", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
