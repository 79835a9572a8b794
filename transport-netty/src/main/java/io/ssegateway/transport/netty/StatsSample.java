package io.ssegateway.transport.netty;

import com.fasterxml.jackson.core.JsonGenerator;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.TimeHistogram;
import io.ssegateway.engine.Timing;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/** All counters and timings at one moment, from which rates are made. Immutable. */
final class StatsSample {
  private final long takenNs = System.nanoTime();
  private final Map<Counter, Long> counters = new EnumMap<>(Counter.class);
  private final Map<Timing, TimeHistogram> timings = new EnumMap<>(Timing.class);

  private StatsSample(Engine engine) {
    for (Counter counter : Counter.values()) {
      counters.put(counter, engine.count(counter));
    }
    for (Timing timing : Timing.values()) {
      timings.put(timing, engine.timing(timing));
    }
  }

  static StatsSample of(Engine engine) {
    return new StatsSample(engine);
  }

  /** What happened since an earlier sample: counts a second, and how long things took. */
  void writeSince(StatsSample earlier, JsonGenerator json) throws IOException {
    double seconds = Math.max(1e-3, (takenNs - earlier.takenNs) / 1e9);
    json.writeNumberField("interval_ms", Math.round(seconds * 1000));
    json.writeObjectFieldStart("rates");
    for (Counter counter : Counter.values()) {
      long delta = count(counter) - earlier.count(counter);
      json.writeNumberField(counter.label(), Math.round(delta / seconds * 10) / 10.0);
    }
    json.writeEndObject();
    StatsJson.writeTimings(json, timing -> histogram(timing).since(earlier.histogram(timing)));
  }

  private long count(Counter counter) {
    return counters.getOrDefault(counter, 0L);
  }

  private TimeHistogram histogram(Timing timing) {
    TimeHistogram histogram = timings.get(timing);
    if (histogram == null) {
      throw new IllegalStateException("timing: " + timing);
    }
    return histogram;
  }
}
