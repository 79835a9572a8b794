package io.ssegateway.transport.netty;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The transport's counters. Nothing of them is on the way of a delivery. Thread-safe. */
final class TransportCounters {
  private final Map<TransportCounter, LongAdder> adders = new EnumMap<>(TransportCounter.class);

  TransportCounters() {
    for (TransportCounter counter : TransportCounter.values()) {
      adders.put(counter, new LongAdder());
    }
  }

  void add(TransportCounter counter) {
    adder(counter).increment();
  }

  long get(TransportCounter counter) {
    return adder(counter).sum();
  }

  private LongAdder adder(TransportCounter counter) {
    LongAdder adder = adders.get(counter);
    if (adder == null) {
      throw new AssertionError(counter);
    }
    return adder;
  }
}
