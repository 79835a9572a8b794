package io.ssegateway.engine;

import com.lmax.disruptor.RingBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Buffers for events that are larger than a slot's share of the ring's slab, bounded in total. A
 * buffer is free again as soon as every consumer has passed its event, not only when the ring comes
 * round. Thread-safe by a lock, which only large events meet.
 */
final class LargeEventBuffers {
  private static final long KEEP_BYTES = 8L * 1024 * 1024;
  private static final int MIN_BUFFER = 1024;

  private record InFlight(long sequence, UnsafeBuffer buffer) {}

  private final long maxBytes;
  private final ArrayDeque<InFlight> inFlight = new ArrayDeque<>();
  private final ArrayDeque<UnsafeBuffer> free = new ArrayDeque<>();
  private long allocatedBytes;
  private long freeBytes;

  LargeEventBuffers(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** A buffer of at least the capacity, or null if the bytes in flight are at their bound. */
  synchronized @Nullable UnsafeBuffer acquire(int capacity, RingBuffer<?> ring) {
    reclaim(ring);
    int size = Math.max(MIN_BUFFER, BitUtil.findNextPositivePowerOfTwo(capacity));
    UnsafeBuffer kept = takeFree(size);
    if (kept != null) {
      return kept;
    }
    if (allocatedBytes + size > maxBytes) {
      while (!free.isEmpty()) {
        release(free.poll());
      }
      freeBytes = 0;
    }
    // One buffer is always granted, so that a large event can pass when nothing else is in flight.
    if (allocatedBytes + size > maxBytes && allocatedBytes > 0) {
      return null;
    }
    UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(size));
    allocatedBytes += size; // after it: there may be no memory
    return buffer;
  }

  private @Nullable UnsafeBuffer takeFree(int size) {
    for (UnsafeBuffer buffer : free) {
      if (buffer.capacity() == size) {
        free.remove(buffer);
        freeBytes -= size;
        return buffer;
      }
    }
    return null;
  }

  /** Notes in which slot a buffer is, once that is known. */
  synchronized void attach(UnsafeBuffer buffer, long sequence) {
    inFlight.add(new InFlight(sequence, buffer));
  }

  /** Gives back a buffer that was not used after all. */
  synchronized void giveBack(UnsafeBuffer buffer) {
    keep(buffer);
  }

  /** Takes back the buffers that every consumer has passed. */
  synchronized void reclaim(RingBuffer<?> ring) {
    if (inFlight.isEmpty()) {
      return;
    }
    long passed = ring.getMinimumGatingSequence();
    // Publishers attach out of order by a few places only; a late head holds back no more than
    // those.
    while (!inFlight.isEmpty() && inFlight.peek().sequence <= passed) {
      keep(inFlight.poll().buffer);
    }
  }

  private void keep(UnsafeBuffer buffer) {
    if (freeBytes + buffer.capacity() <= KEEP_BYTES) {
      freeBytes += buffer.capacity();
      free.add(buffer);
    } else {
      release(buffer);
    }
  }

  private void release(@Nullable UnsafeBuffer buffer) {
    if (buffer != null) {
      allocatedBytes -= buffer.capacity();
      BufferUtil.free(buffer);
    }
  }

  synchronized long allocatedBytes() {
    return allocatedBytes;
  }
}
