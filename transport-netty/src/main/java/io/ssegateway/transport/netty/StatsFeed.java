package io.ssegateway.transport.netty;

import io.ssegateway.engine.Engine;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All figures once a second, as an event for whoever listens. It is written once for all, and costs
 * nothing when nobody listens. It does not go through the ring or the journal: a figure that was
 * missed is not worth a replay.
 *
 * <p>Thread-safe. Figures are gathered on the {@link StatsThread}.
 */
final class StatsFeed {
  private static final Logger LOG = LoggerFactory.getLogger(StatsFeed.class);

  /** Most listeners. */
  static final int MAX_LISTENERS = 64;

  private static final byte[] BEGIN = ascii("event: stats\ndata: ");
  private static final byte[] END = ascii("\n\n");

  /** Is handed the events. */
  interface Listener {
    /** Takes an event, whole and ready to be sent. */
    void onStats(byte[] event);
  }

  private final Engine engine;
  private final StatsJson json;
  private final StatsThread thread;

  // guarded by this
  private final List<Listener> listeners = new ArrayList<>();
  private @Nullable Future<?> timer;

  // the stats thread's own
  private @Nullable StatsSample last;

  StatsFeed(Engine engine, StatsJson json, StatsThread thread) {
    this.engine = engine;
    this.json = json;
    this.thread = thread;
  }

  /**
   * Adds a listener, which gets its first event soon.
   *
   * @throws HttpProblem if there are too many
   */
  synchronized void add(Listener listener) {
    if (listeners.size() >= MAX_LISTENERS) {
      throw HttpProblem.retryLater(
          503, "listeners: " + listeners.size() + " of statistics are open, which is the limit");
    }
    listeners.add(listener);
    if (timer == null) {
      timer = thread.everySecond(this::tick);
      thread.execute(() -> last = StatsSample.of(engine));
    }
    thread.execute(() -> listener.onStats(event(StatsSample.of(engine))));
  }

  synchronized void remove(Listener listener) {
    listeners.remove(listener);
    Future<?> running = timer;
    if (listeners.isEmpty() && running != null) {
      running.cancel(false);
      timer = null;
    }
  }

  /** How many listen. */
  synchronized int size() {
    return listeners.size();
  }

  private synchronized List<Listener> listeners() {
    return List.copyOf(listeners);
  }

  private void tick() {
    try {
      StatsSample now = StatsSample.of(engine);
      byte[] event = event(now);
      last = now;
      listeners().forEach(listener -> listener.onStats(event));
    } catch (RuntimeException e) {
      LOG.error("statistics could not be gathered", e);
    }
  }

  private byte[] event(StatsSample now) {
    StatsSample before = last;
    byte[] data =
        Json.write(
            out -> {
              out.writeStartObject();
              out.writeNumberField("time_ms", System.currentTimeMillis());
              json.writeTotals(out);
              now.writeSince(before == null ? now : before, out);
              out.writeEndObject();
            });
    ByteArrayOutputStream event = new ByteArrayOutputStream(data.length + 32);
    event.writeBytes(BEGIN);
    event.writeBytes(data);
    event.writeBytes(END);
    return event.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
