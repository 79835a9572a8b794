package io.ssegateway.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Counters with one writer, such as a lane, that any thread may read. No contention, no fences. */
@SuppressWarnings("EnumOrdinal") // an index that lives no longer than the process
final class CounterSet {
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

  /** A cache line on either side, so that sets of different writers do not share one. */
  private static final int PADDING = 8;

  private final long[] values = new long[Counter.values().length + 2 * PADDING];

  void add(Counter counter, long delta) {
    int i = counter.ordinal() + PADDING;
    ELEMENT.setOpaque(values, i, values[i] + delta);
  }

  long get(Counter counter) {
    return (long) ELEMENT.getOpaque(values, counter.ordinal() + PADDING);
  }
}
