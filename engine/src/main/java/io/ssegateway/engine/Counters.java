package io.ssegateway.engine;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/** All counters of an engine: a set for each single writer, and adders for the rest. */
final class Counters {
  private final List<CounterSet> sets = new CopyOnWriteArrayList<>();
  private final Map<Counter, LongAdder> shared = new EnumMap<>(Counter.class);

  Counters() {
    for (Counter counter : Counter.values()) {
      shared.put(counter, new LongAdder());
    }
  }

  /** A set for a thread that nobody else writes to. */
  CounterSet newSet() {
    CounterSet set = new CounterSet();
    sets.add(set);
    return set;
  }

  /** Adds from any thread. */
  void addShared(Counter counter, long delta) {
    LongAdder adder = shared.get(counter);
    if (adder != null) {
      adder.add(delta);
    }
  }

  long get(Counter counter) {
    LongAdder adder = shared.get(counter);
    long sum = adder == null ? 0 : adder.sum();
    for (int i = 0; i < sets.size(); i++) { // an iterator would be an object for each reading
      sum += sets.get(i).get(counter);
    }
    return sum;
  }
}
