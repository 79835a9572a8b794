package io.ssegateway.engine;

import io.ssegateway.engine.frame.EventId;
import io.ssegateway.engine.frame.SseFrame;
import io.ssegateway.engine.frame.TraceContext;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.Refusal;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A slot of the ring. The publisher fills it and encodes the frame's body; the journal thread
 * stamps position and id line; the lanes read it and send its bytes as they are.
 *
 * <pre>
 *   | room for the id line | body … | payload, only if it had line breaks |
 *                          ^ HEADROOM
 *           ^ frameOffset, once stamped
 * </pre>
 *
 * Ownership moves with the ring's sequences, so no field needs to be volatile.
 */
final class RingEvent implements JournalEntry {
  static final int HEADROOM = BitUtil.align(EventId.MAX_ID_LINE_LENGTH, 8);

  /** What the slot carries. */
  enum Kind {
    /** A message published here. */
    MESSAGE,
    /** An event that a shared journal handed over. */
    COMMITTED,
    /** A place in a shared journal's order at which events are missing or the epoch changes. */
    BREAK,
    /** Nothing: gives the journal thread the time for its upkeep. */
    TICK,
  }

  /** The slot's share of the ring's slab; larger events borrow a buffer. */
  private final UnsafeBuffer home;

  // set by the publisher
  Kind kind = Kind.TICK;
  @Nullable String channel;
  UnsafeBuffer frame;
  private String type = SseFrame.DEFAULT_TYPE;
  private @Nullable String publisherId;
  private int retryMs;
  private @Nullable SourceOffset sourceOffset;
  private @Nullable TraceContext traceContext;
  private long publishTimeMs;

  /** When it was published, in the time of {@link System#nanoTime}. */
  long publishedNs;

  private int payloadOffset;
  private int payloadLength;
  private int bodyLength;
  @Nullable PublishListener listener;
  int listenerIndex;

  // set by the journal thread
  long position;
  int frameOffset;
  @Nullable Refusal refusal;
  String refusalDetail = "";

  /** Whether the lanes deliver it. */
  boolean deliverable;

  RingEvent(UnsafeBuffer home) {
    this.home = home;
    this.frame = home;
  }

  /** Bytes of buffer that an event needs. */
  static int requiredCapacity(
      String type,
      @Nullable String publisherId,
      @Nullable TraceContext traceContext,
      int payloadLength,
      int lineBreaks) {
    int body = SseFrame.maxBodyLength(type, publisherId, traceContext, payloadLength, lineBreaks);
    return HEADROOM + body + (lineBreaks > 0 ? payloadLength : 0);
  }

  int homeCapacity() {
    return home.capacity();
  }

  void fillTick() {
    kind = Kind.TICK;
    channel = null;
    frame = home;
    listener = null;
    reset();
  }

  void fillBreak(long breakPosition) {
    fillTick();
    kind = Kind.BREAK;
    position = breakPosition;
  }

  /**
   * Fills the slot.
   *
   * @param borrowed a buffer of {@link #requiredCapacity} bytes, or null if the home is large
   *     enough
   */
  void fill(
      Kind kind,
      @Nullable String channel,
      String type,
      @Nullable String publisherId,
      int retryMs,
      @Nullable SourceOffset sourceOffset,
      @Nullable TraceContext traceContext,
      long publishTimeMs,
      long publishedNs,
      UnsafeBuffer payload,
      int from,
      int length,
      int lineBreaks,
      @Nullable UnsafeBuffer borrowed,
      @Nullable PublishListener listener,
      int listenerIndex) {
    this.kind = kind;
    this.channel = channel;
    this.type = type;
    this.publisherId = publisherId;
    this.retryMs = retryMs;
    this.sourceOffset = sourceOffset;
    this.traceContext = traceContext;
    this.publishTimeMs = publishTimeMs;
    this.publishedNs = publishedNs;
    this.payloadLength = length;
    this.listener = listener;
    this.listenerIndex = listenerIndex;
    UnsafeBuffer buffer = borrowed == null ? home : borrowed;
    frame = buffer;
    int fields = SseFrame.putFields(buffer, HEADROOM, type, publisherId, retryMs, traceContext);
    int at = HEADROOM + fields;
    if (lineBreaks == 0) {
      bodyLength = fields + SseFrame.putSingleLineData(buffer, at, payload, from, length);
      payloadOffset = at + SseFrame.DATA_PREFIX_LENGTH;
    } else {
      bodyLength = fields + SseFrame.putData(buffer, at, payload, from, length);
      payloadOffset = HEADROOM + bodyLength;
      buffer.putBytes(payloadOffset, payload, from, length);
    }
    reset();
  }

  private void reset() {
    position = 0;
    refusal = null;
    deliverable = false;
  }

  /** Writes the id line in front of the body. Journal thread. */
  void stamp(byte[] idLinePrefix) {
    frameOffset = EventId.putIdLineBefore(frame, HEADROOM, idLinePrefix, position);
  }

  int frameLength() {
    return HEADROOM + bodyLength - frameOffset;
  }

  @Override
  public @Nullable String channel() {
    return channel;
  }

  @Override
  public String type() {
    return type;
  }

  @Override
  public @Nullable String publisherId() {
    return publisherId;
  }

  @Override
  public int retryMs() {
    return retryMs;
  }

  @Override
  public @Nullable SourceOffset sourceOffset() {
    return sourceOffset;
  }

  @Override
  public @Nullable TraceContext traceContext() {
    return traceContext;
  }

  @Override
  public long publishTimeMs() {
    return publishTimeMs;
  }

  @Override
  public UnsafeBuffer buffer() {
    return frame;
  }

  @Override
  public int payloadOffset() {
    return payloadOffset;
  }

  @Override
  public int payloadLength() {
    return payloadLength;
  }

  @Override
  public int bodyOffset() {
    return HEADROOM;
  }

  @Override
  public int bodyLength() {
    return bodyLength;
  }

  @Override
  public void journalled(long position) {
    this.position = position;
  }

  @Override
  public void refused(Refusal refusal, String detail) {
    this.refusal = refusal;
    this.refusalDetail = detail;
  }
}
