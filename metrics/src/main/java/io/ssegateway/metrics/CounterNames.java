package io.ssegateway.metrics;

import io.micrometer.core.instrument.Tags;
import io.ssegateway.engine.Counter;
import io.ssegateway.transport.netty.TransportCounter;
import org.jspecify.annotations.Nullable;

/**
 * The metric that a counter of the engine or the transport is. Counters that differ by a reason
 * only are one metric with a tag. Immutable.
 *
 * @param name in Micrometer's notation, without the prefix
 * @param tags the reason, or none
 * @param unit the base unit, or the empty text
 * @param description what is counted
 */
record CounterNames(String name, Tags tags, String unit, String description) {
  private static final String CLOSED = "closed_";
  private static final String GAPS = "gaps_";
  private static final String REFUSED = "refused_";

  static CounterNames of(Counter counter) {
    String label = counter.label();
    if (label.startsWith(CLOSED)) {
      String reason = label.substring(CLOSED.length());
      return reason(
          "disconnects",
          reason.startsWith("by_") ? reason.substring(3) : reason,
          "Connections that ended, by reason");
    }
    if (label.startsWith(GAPS)) {
      return reason("gaps", label.substring(GAPS.length()), "Gaps told to clients, by reason");
    }
    return switch (counter) {
      case PUBLISHED -> events("published", "Messages journalled");
      case DELIVERED ->
          events("delivered", "Events handed to live connections, counted for each connection");
      case DELIVERED_BYTES ->
          new CounterNames(
              "delivered.bytes", Tags.empty(), "bytes", "Bytes handed to live connections");
      case REPLAYED -> events("replayed", "Events handed to connections out of the journal");
      case BACK_PRESSURED -> refused("back_pressure");
      case JOURNAL_UNAVAILABLE -> refused("journal_unavailable");
      case JOURNAL_REFUSED -> refused("journal_refused");
      default ->
          new CounterNames(
              label.replace('_', '.'), Tags.empty(), "", capitalised(counter.description()));
    };
  }

  static CounterNames of(TransportCounter counter) {
    String label = counter.label();
    if (label.startsWith(REFUSED)) {
      return reason(
          "refused",
          label.substring(REFUSED.length()),
          "Streams and requests that were refused because of a limit, by limit");
    }
    return new CounterNames(
        label.replace('_', '.'), Tags.empty(), "", capitalised(counter.description()));
  }

  private static CounterNames events(String name, String description) {
    return new CounterNames(name, Tags.empty(), "events", description);
  }

  private static CounterNames refused(String reason) {
    return reason("publishes.refused", reason, "Messages that were not taken, by reason");
  }

  private static CounterNames reason(String name, String reason, String description) {
    return new CounterNames(name, Tags.of("reason", reason), "", description);
  }

  /** The base unit as Micrometer has it. */
  @Nullable String unitOrNull() {
    return unit.isEmpty() ? null : unit;
  }

  static String capitalised(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
