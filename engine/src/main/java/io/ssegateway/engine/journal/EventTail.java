package io.ssegateway.engine.journal;

import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The most recent events in memory: one buffer, bounded by bytes and by age, in which each
 * channel's records are a chain of their own. A channel's history is found without reading other
 * channels'.
 *
 * <p>Threading: one writer thread; any number of readers. There is no lock. The buffer is a row of
 * append-only segments; the oldest is dropped as a whole, and a reader that comes to a dropped one
 * finds out by its number and reports a gap. Its memory is used again if nobody reads just then: a
 * reader shows itself before it looks at the segments, and the writer takes the segment away before
 * it looks for readers, so one of the two sees the other. A head exists only for channels with a
 * record in the buffer, so memory is bounded by the bytes.
 *
 * <p>Bodies are kept, not frames; positions are given by the caller and need not be dense.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one writer thread
public final class EventTail {
  /** No record. */
  static final long NIL = 0;

  /** Told as the previous position of an event when the caller does not know it. */
  public static final long UNKNOWN = -1;

  private static final int MIN_SEGMENT_BYTES = 1024;
  private static final int MAX_SEGMENT_BYTES = 1024 * 1024;

  private final long maxBytes;
  private final long maxAgeMs;
  private final int segmentBytes;
  private final ConcurrentHashMap<String, TailHead> heads = new ConcurrentHashMap<>();
  private final TailHead broadcasts;

  // written by the writer, read by all
  private volatile Window window = new Window(1, new TailSegment[0]);
  private volatile long droppedUpTo;
  private volatile long oldestPosition;
  private volatile long oldestTimeMs;
  private volatile long sizeBytes; // changed by the writer alone, so += is safe

  /** Reads under way. */
  private final AtomicInteger reading = new AtomicInteger();

  // the writer's own
  private @Nullable TailSegment current;
  private @Nullable TailSegment spare;
  private long nextNumber = 1;

  /** The segments that exist, by number. Never changed once it is published. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Window(long firstNumber, TailSegment[] segments) {
    @Nullable TailSegment get(long number) {
      long index = number - firstNumber;
      return index < 0 || index >= segments.length ? null : segments[(int) index];
    }
  }

  /**
   * Creates an empty tail.
   *
   * @param maxBytes bytes of memory for records, {@code > 0}; the newest record is kept even if it
   *     alone is larger
   * @param maxAgeMs age in ms after which an event may be dropped, or 0 for no bound; it is dropped
   *     at the latest an eighth of that later, given calls of {@link #maintain}
   * @param startsAfter position up to which everything is held to be older than this tail
   */
  public EventTail(long maxBytes, long maxAgeMs, long startsAfter) {
    if (maxBytes <= 0) {
      throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: > 0)");
    }
    if (maxAgeMs < 0) {
      throw new IllegalArgumentException("maxAgeMs: " + maxAgeMs + " (expected: >= 0)");
    }
    this.maxBytes = maxBytes;
    this.maxAgeMs = maxAgeMs;
    this.segmentBytes =
        (int) Math.max(MIN_SEGMENT_BYTES, Math.min(MAX_SEGMENT_BYTES, maxBytes / 16));
    this.droppedUpTo = startsAfter;
    this.broadcasts = new TailHead(null, startsAfter);
  }

  /**
   * Adds an event. Writer thread only.
   *
   * @param position greater than every one before
   * @param previousPosition position of the event of the same channel (or the broadcast) before
   *     this one, 0 if there was none, or {@link #UNKNOWN}
   * @param channel the channel, or null for a broadcast
   * @param publishTimeMs ms since 1970
   * @param body holds the frame body
   */
  public void append(
      long position,
      long previousPosition,
      @Nullable String channel,
      long publishTimeMs,
      DirectBuffer body,
      int bodyOffset,
      int bodyLength) {
    append(position, previousPosition, channel, null, publishTimeMs, body, bodyOffset, bodyLength);
  }

  /**
   * Adds an event, as the other {@code append} does, for a caller that keeps something of its own
   * for each channel. Writer thread only.
   *
   * @param known what the last append to this channel answered, or null
   * @return what to say with the next
   */
  public TailHead append(
      long position,
      long previousPosition,
      @Nullable String channel,
      @Nullable TailHead known,
      long publishTimeMs,
      DirectBuffer body,
      int bodyOffset,
      int bodyLength) {
    int recordLength = TailSegment.recordLength(bodyLength);
    TailSegment segment = current;
    if (segment == null || !segment.hasRoom(recordLength)) {
      segment = roll(recordLength);
    }
    TailHead head = known != null && known.known ? known : head(channel);
    if (head == null) {
      head = new TailHead(channel, droppedUpTo);
    }
    long previousAddress = head.lastAddress();
    int offset =
        segment.append(
            position,
            previousPosition == UNKNOWN ? head.lastPosition() : previousPosition,
            previousAddress,
            publishTimeMs,
            body,
            bodyOffset,
            bodyLength);
    long address = segment.address(offset);
    if (TailSegment.numberOf(previousAddress) != segment.number) {
      segment.heads.add(head);
    }
    head.advance(position, address);
    TailSegment previous = window.get(TailSegment.numberOf(previousAddress));
    if (previous != null) {
      previous.link(TailSegment.offsetOf(previousAddress), address);
    }
    if (channel != null && !head.known) {
      head.known = true;
      heads.put(channel, head);
    }
    if (oldestPosition == 0) {
      oldestPosition = position;
    }
    return head;
  }

  /**
   * Drops what is too old. Writer thread only.
   *
   * @param nowMs ms since 1970
   */
  public void maintain(long nowMs) {
    if (maxAgeMs > 0) {
      dropTooOld(nowMs);
    }
    Window w = window;
    oldestTimeMs = w.segments.length == 0 ? 0 : w.segments[0].firstTimeMs;
  }

  private void dropTooOld(long nowMs) {
    TailSegment segment = current;
    if (segment != null && segment.firstTimeMs < nowMs - maxAgeMs / 8) {
      current = null; // sealed: the next append begins a segment, and this one can grow old
    }
    while (true) {
      Window w = window;
      if (w.segments.length == 0
          || w.segments[0] == current
          || w.segments[0].lastTimeMs >= nowMs - maxAgeMs) {
        return;
      }
      dropOldest();
    }
  }

  private TailSegment roll(int recordLength) {
    int capacity = Math.max(segmentBytes, recordLength);
    while (window.segments.length > 0 && sizeBytes + capacity > maxBytes) {
      dropOldest();
    }
    TailSegment segment = newSegment(capacity);
    Window w = window;
    TailSegment[] segments = Arrays.copyOf(w.segments, w.segments.length + 1);
    segments[w.segments.length] = segment;
    window = new Window(w.firstNumber, segments);
    sizeBytes += segment.capacity();
    current = segment;
    return segment;
  }

  private TailSegment newSegment(int capacity) {
    TailSegment recycled = spare;
    spare = null;
    return recycled != null && recycled.room() >= capacity
        ? recycled.renumbered(nextNumber++)
        : new TailSegment(nextNumber++, capacity);
  }

  /** The order matters to readers: first say what is lost, then take it away. */
  private void dropOldest() {
    Window w = window;
    TailSegment oldest = w.segments[0];
    droppedUpTo = oldest.lastPosition;
    oldestPosition = w.segments.length > 1 ? w.segments[1].firstPosition : 0;
    for (TailHead head : oldest.heads) {
      if (TailSegment.numberOf(head.lastAddress()) == oldest.number) {
        if (head.channel == null) {
          head.clear();
        } else {
          head.known = false;
          heads.remove(head.channel, head);
        }
      }
    }
    window = new Window(w.firstNumber + 1, Arrays.copyOfRange(w.segments, 1, w.segments.length));
    sizeBytes -= oldest.capacity();
    if (current == oldest) {
      current = null;
    }
    if (oldest.room() == segmentBytes && reading.get() == 0) {
      spare = oldest; // whoever comes now does not find it any more
    }
  }

  /** The position up to which events may be missing here. Any thread. */
  public long droppedUpTo() {
    return droppedUpTo;
  }

  /** The position of the oldest event held, or 0. Any thread. */
  public long oldestPosition() {
    return oldestPosition;
  }

  /** When the oldest event was published, as of the last {@link #maintain}, or 0. Any thread. */
  public long oldestTimeMs() {
    return oldestTimeMs;
  }

  /** The position of the newest event of a channel that is held, or 0. Any thread. */
  public long newestPosition(String channel) {
    TailHead head = heads.get(channel);
    return head == null ? 0 : head.lastPosition();
  }

  /** Bytes of memory that the records take. Any thread. */
  public long sizeBytes() {
    return sizeBytes;
  }

  /** Number of channels that have a record here. Any thread. */
  public int channelCount() {
    return heads.size();
  }

  /**
   * Starts a reader; see {@link Journal#open}. Any thread.
   *
   * @param maxEvents most events of each channel to read, or 0 for no bound
   */
  public JournalReader open(Collection<String> channels, long after, int maxEvents) {
    return new TailReader(this, channels, after, maxEvents);
  }

  /** To be called around every look at records. Any thread. */
  void beginRead() {
    reading.incrementAndGet();
  }

  void endRead() {
    reading.decrementAndGet();
  }

  @Nullable TailHead head(@Nullable String channel) {
    return channel == null ? broadcasts : heads.get(channel);
  }

  @Nullable TailSegment segmentOf(long address) {
    return window.get(TailSegment.numberOf(address));
  }
}
