package io.ssegateway.engine;

import io.ssegateway.engine.frame.EventId;
import io.ssegateway.engine.journal.GapReason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Frames on their way from a replay thread to a lane, one after the other in one buffer. Grows for
 * a single frame that is larger. Not thread-safe: owned by the {@link Replay} that borrowed it.
 */
final class ReplayChunk {
  static final int CAPACITY = 64 * 1024;

  /** An event's place, for outlets that take events one by one. */
  private record Item(
      long position,
      @Nullable String channel,
      int offset,
      int length,
      @Nullable GapReason gap,
      String requested) {}

  private final UnsafeBuffer home;
  private UnsafeBuffer buffer;
  private boolean eventwise;
  private final List<Item> items = new ArrayList<>();
  private int length;
  private int events;
  private int itemsTaken;
  private int gapsExpired;
  private int gapsUnknownEpoch;
  private int gapsLimit;

  ReplayChunk() {
    home = new UnsafeBuffer(BufferUtil.allocateDirectAligned(CAPACITY, 64));
    buffer = home;
  }

  void reset(boolean eventwise) {
    this.eventwise = eventwise;
    items.clear();
    length = 0;
    events = 0;
    itemsTaken = 0;
    gapsExpired = 0;
    gapsUnknownEpoch = 0;
    gapsLimit = 0;
    shrink();
  }

  /** Lets go of a buffer larger than a chunk's. */
  @SuppressWarnings("ReferenceEquality") // the very buffer is meant
  void shrink() {
    if (buffer != home) {
      BufferUtil.free(buffer);
      buffer = home;
    }
  }

  boolean putEvent(
      byte[] idLinePrefix,
      long position,
      @Nullable String channel,
      DirectBuffer body,
      int offset,
      int bodyLength) {
    if (!ensureRoom(EventId.MAX_ID_LINE_LENGTH + bodyLength)) {
      return false;
    }
    int at = length;
    at += EventId.putIdLine(buffer, at, idLinePrefix, position);
    buffer.putBytes(at, body, offset, bodyLength);
    at += bodyLength;
    if (eventwise) {
      items.add(new Item(position, channel, length, at - length, null, ""));
    }
    length = at;
    events++;
    return true;
  }

  boolean putGap(
      byte[] idLinePrefix, GapReason reason, String requested, long resumeAfter, byte[] body) {
    if (!ensureRoom(EventId.MAX_ID_LINE_LENGTH + body.length)) {
      return false;
    }
    int at = length;
    at += EventId.putIdLine(buffer, at, idLinePrefix, resumeAfter);
    buffer.putBytes(at, body);
    at += body.length;
    if (eventwise) {
      items.add(new Item(resumeAfter, null, length, at - length, reason, requested));
    }
    length = at;
    switch (reason) {
      case EXPIRED -> gapsExpired++;
      case UNKNOWN_EPOCH -> gapsUnknownEpoch++;
      case LIMIT -> gapsLimit++;
    }
    return true;
  }

  private boolean ensureRoom(int more) {
    if (length + more <= buffer.capacity()) {
      return true;
    }
    if (length > 0) {
      return false;
    }
    buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(BitUtil.findNextPositivePowerOfTwo(more)));
    return true;
  }

  /**
   * Hands everything to the connection's outlet.
   *
   * @return false if the outlet declined; the connection's position tells what it has taken
   */
  boolean deliver(Connection connection, CounterSet counters) {
    if (connection.outlet instanceof EventOutlet outlet) {
      return deliverItems(connection, outlet, counters);
    }
    if (length > 0 && !connection.outlet.offer(buffer, 0, length)) {
      return false;
    }
    counters.add(Counter.REPLAYED, events);
    counters.add(Counter.GAPS_EXPIRED, gapsExpired);
    counters.add(Counter.GAPS_UNKNOWN_EPOCH, gapsUnknownEpoch);
    counters.add(Counter.GAPS_LIMIT, gapsLimit);
    return true;
  }

  /** Number of events and gaps that an outlet has taken one by one. */
  int itemsTaken() {
    return itemsTaken;
  }

  private boolean deliverItems(Connection connection, EventOutlet outlet, CounterSet counters) {
    for (Item item : items) {
      GapReason gap = item.gap;
      boolean taken =
          gap != null
              ? outlet.offerGap(gap, item.requested, item.position)
              : outlet.offerEvent(item.position, item.channel, buffer, item.offset, item.length);
      if (!taken) {
        return false;
      }
      itemsTaken++;
      connection.position = item.position;
      counters.add(gap == null ? Counter.REPLAYED : counterOf(gap), 1);
    }
    return true;
  }

  private static Counter counterOf(GapReason gap) {
    return switch (gap) {
      case EXPIRED -> Counter.GAPS_EXPIRED;
      case UNKNOWN_EPOCH -> Counter.GAPS_UNKNOWN_EPOCH;
      case LIMIT -> Counter.GAPS_LIMIT;
    };
  }
}
