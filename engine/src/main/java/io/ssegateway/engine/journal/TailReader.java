package io.ssegateway.engine.journal;

import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Merges the chains of some channels, and of the broadcasts, in an {@link EventTail}.
 *
 * <p>A chain is entered by walking back from its head to the first record after the position
 * offered, and is then followed forward. Only addresses are kept between reads, so that a reader
 * that waits for a slow client holds no memory of the tail.
 */
final class TailReader implements JournalReader {
  private static final long NONE = Long.MAX_VALUE;

  private final EventTail tail;
  private final @Nullable String[] channels;
  private final int maxEvents;

  /** Address of the next record to offer of each chain, or NIL if it must be looked for. */
  private final long[] nextAddresses;

  /** Address of the record of each chain that was offered last, or NIL. */
  private final long[] lastAddresses;

  /** Whether the chain is known to have nothing for the read under way. */
  private final boolean[] exhausted;

  /** Everything up to here is offered or told to be missing. */
  private long offered;

  private long gapUpTo;
  private GapReason gapReason = GapReason.EXPIRED;

  TailReader(EventTail tail, Collection<String> channels, long after, int maxEvents) {
    this.tail = tail;
    this.maxEvents = maxEvents;
    this.offered = after;
    this.channels = channels.toArray(new @Nullable String[channels.size() + 1]);
    this.channels[channels.size()] = null; // the broadcasts
    this.nextAddresses = new long[this.channels.length];
    this.lastAddresses = new long[this.channels.length];
    this.exhausted = new boolean[this.channels.length];
  }

  @Override
  public boolean read(long upTo, ReplaySink sink) {
    tail.beginRead();
    try {
      return readWhatIsThere(upTo, sink);
    } finally {
      tail.endRead();
    }
  }

  private boolean readWhatIsThere(long upTo, ReplaySink sink) {
    Arrays.fill(exhausted, false);
    while (true) {
      int best = -1;
      long bestPosition = NONE;
      for (int i = 0; i < channels.length; i++) {
        long position = exhausted[i] ? NONE : locate(i);
        if (position > upTo) {
          exhausted[i] = true;
        } else if (position < bestPosition) {
          best = i;
          bestPosition = position;
        }
      }
      if (gapUpTo > offered) {
        if (!sink.onGap(gapReason, gapUpTo)) {
          return false;
        }
        offered = gapUpTo;
        gapUpTo = 0;
        continue;
      }
      if (best < 0) {
        offered = Math.max(offered, upTo);
        return true;
      }
      long address = nextAddresses[best];
      TailSegment segment = tail.segmentOf(address);
      if (segment == null) {
        nextAddresses[best] = EventTail.NIL; // dropped just now: look again
        continue;
      }
      int offset = TailSegment.offsetOf(address);
      if (!sink.onEvent(
          bestPosition,
          channels[best],
          segment.buffer,
          offset + TailSegment.HEADER_LENGTH,
          segment.bodyLength(offset))) {
        return false;
      }
      offered = bestPosition;
      lastAddresses[best] = address;
      nextAddresses[best] = segment.next(offset);
    }
  }

  /** Finds the next record of a chain after what is offered and answers its position, or NONE. */
  private long locate(int i) {
    long address = nextAddresses[i];
    if (address == EventTail.NIL && lastAddresses[i] != EventTail.NIL) {
      TailSegment last = tail.segmentOf(lastAddresses[i]);
      address = last == null ? EventTail.NIL : last.next(TailSegment.offsetOf(lastAddresses[i]));
    }
    while (address != EventTail.NIL) {
      TailSegment segment = tail.segmentOf(address);
      if (segment == null) {
        break;
      }
      int offset = TailSegment.offsetOf(address);
      long position = segment.position(offset);
      if (position > offered) {
        nextAddresses[i] = address;
        return position;
      }
      address = segment.next(offset);
    }
    return enter(i);
  }

  /** Walks back from the chain's head. */
  private long enter(int i) {
    nextAddresses[i] = EventTail.NIL;
    TailHead head = tail.head(channels[i]);
    if (head == null) {
      // No record of the channel is left, and whether there was one is forgotten.
      noteGap(GapReason.EXPIRED, tail.droppedUpTo());
      return NONE;
    }
    long lastPosition = head.lastPosition(); // before the address: the writer stores it after
    long address = head.lastAddress();
    long found = EventTail.NIL;
    long foundPosition = NONE;
    long mayBeLostUpTo = lastPosition; // of an event that stood before those found
    int count = 0;
    while (address != EventTail.NIL) {
      TailSegment segment = tail.segmentOf(address);
      if (segment == null) {
        break;
      }
      int offset = TailSegment.offsetOf(address);
      long position = segment.position(offset);
      if (position <= offered) {
        mayBeLostUpTo = offered;
        break;
      }
      if (maxEvents > 0 && count == maxEvents) {
        noteGap(GapReason.LIMIT, position);
        mayBeLostUpTo = offered;
        break;
      }
      count++;
      found = address;
      foundPosition = position;
      mayBeLostUpTo = segment.previousPosition(offset);
      address = segment.previousAddress(offset);
    }
    noteGap(GapReason.EXPIRED, mayBeLostUpTo);
    nextAddresses[i] = found;
    return foundPosition;
  }

  private void noteGap(GapReason reason, long upTo) {
    if (upTo > offered && upTo > gapUpTo) {
      gapUpTo = upTo;
      gapReason = reason;
    }
  }

  @Override
  public void close() {
    // holds nothing but addresses
  }
}
