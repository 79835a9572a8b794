package io.ssegateway.engine.journal;

import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.frame.TraceContext;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An event on its way into the journal: a view of the ring's bytes, valid from {@link
 * Journal#append} until the {@link Journal#commit} that follows. Owned by the journal thread.
 */
public interface JournalEntry {
  /** The channel, or null for a broadcast. */
  @Nullable String channel();

  /** The event type, never empty. */
  String type();

  /** The id that the publisher gave, or null. */
  @Nullable String publisherId();

  /** The reconnection time to tell the clients in ms, or -1. */
  int retryMs();

  /** Where the source's backend has the message, or null. */
  @Nullable SourceOffset sourceOffset();

  /**
   * The trace that the event was published in, or null. It stands in the body too, so that a
   * journal that keeps bodies has it already.
   */
  default @Nullable TraceContext traceContext() {
    return null;
  }

  /** When the event was published, in ms since 1970. */
  long publishTimeMs();

  /** The bytes that {@link #payloadOffset} and {@link #bodyOffset} point into. */
  DirectBuffer buffer();

  /** Where the payload, as the publisher gave it in UTF-8, starts. */
  int payloadOffset();

  /** Bytes of the payload. */
  int payloadLength();

  /** Where the frame body that was encoded from the payload starts. */
  int bodyOffset();

  /** Bytes of the frame body. */
  int bodyLength();

  /**
   * Tells that the event is in the journal. To be called in {@link Journal#append}, or for a remote
   * journal at the latest before {@link Journal#commit} returns.
   *
   * @param position greater than every position told before
   */
  void journalled(long position);

  /**
   * Tells that the event is not in the journal and never will be. It is not delivered, and its
   * publisher is told. An exception out of {@link Journal#append} does the same.
   *
   * @param detail what an operator should read: what was wrong, with the value
   */
  void refused(Refusal refusal, String detail);
}
