package io.ssegateway.storage.chronicle;

/** What is known of a channel, or of the broadcasts: its newest event. */
final class ChannelHead {
  /** Position of the newest event; stored after its record is whole. */
  volatile long position;

  // the journal thread's own

  /** Number of the newest event in its channel. */
  long ordinal;

  /** Position of the last event whose number is a multiple of the skip interval, or 0. */
  long skip;

  /** Moves on to the next event. Journal thread. */
  void advance(long newPosition, long newOrdinal) {
    ordinal = newOrdinal;
    if (newOrdinal % RecordLayout.SKIP_INTERVAL == 0) {
      skip = newPosition;
    }
    position = newPosition;
  }
}
