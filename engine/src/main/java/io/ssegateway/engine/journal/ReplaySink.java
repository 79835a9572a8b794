package io.ssegateway.engine.journal;

import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** Where a {@link JournalReader} puts what it reads. Called on the thread that called read. */
public interface ReplaySink {
  /**
   * Takes one event.
   *
   * @param position greater than the one before
   * @param channel the channel, or null for a broadcast
   * @param buffer holds the frame body; valid during the call only
   * @return false if there is no room for it now: the reader offers it again at the next read
   */
  boolean onEvent(
      long position, @Nullable String channel, DirectBuffer buffer, int offset, int length);

  /**
   * Is told that events of the channels read may be missing: some of those after the last position
   * offered (or after where the reader began) and not after {@code resumeAfter}.
   *
   * @return false if there is no room for it now: the reader tells it again at the next read
   */
  boolean onGap(GapReason reason, long resumeAfter);
}
