package io.ssegateway.engine;

/** What became of an offer to the {@link EventPublisher}. Only the first is a success. */
public enum PublishResult {
  /** In the ring; whether it is journalled is told to the listener. */
  PUBLISHED,
  /** The ring is full: nothing was taken; offer again later. */
  BACK_PRESSURED,
  /** The journal takes nothing now, for want of room say: nothing was taken; offer again later. */
  JOURNAL_UNAVAILABLE,
  /** A payload, or the batch, is larger than the limit: nothing was taken, and never will be. */
  TOO_LARGE,
  /** The engine is draining or closed: nothing was taken. */
  CLOSED,
}
