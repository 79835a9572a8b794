package io.ssegateway.transport.netty;

import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.journal.Refusal;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What was published in a splice test: the position of every event, by its stream and its number in
 * it. A stream is a channel, or the broadcasts, and has one publisher. Written by the journal
 * thread, before anybody can have been sent the event.
 */
final class SpliceLedger {
  private static final int CAPACITY = 1 << 18;

  private final AtomicLongArray[] positions;
  private final AtomicIntegerArray counts;

  SpliceLedger(int streams) {
    positions = new AtomicLongArray[streams];
    counts = new AtomicIntegerArray(streams);
    for (int i = 0; i < streams; i++) {
      positions[i] = new AtomicLongArray(CAPACITY);
    }
  }

  /** Whether another event fits into the books. */
  static boolean fits(int number) {
    return number < CAPACITY;
  }

  /** Notes the position of an event, and of those that are published together with it. */
  PublishListener listener(int stream, int firstNumber) {
    return new PublishListener() {
      @Override
      public void onJournalled(int index, long position) {
        positions[stream].set(firstNumber + index, position);
        counts.set(stream, firstNumber + index + 1);
      }

      @Override
      public void onRefused(int index, Refusal refusal, String detail) {
        throw new AssertionError("refused: " + detail);
      }
    };
  }

  /** Events of a stream. */
  int count(int stream) {
    return counts.get(stream);
  }

  long position(int stream, int number) {
    return positions[stream].get(number);
  }
}
