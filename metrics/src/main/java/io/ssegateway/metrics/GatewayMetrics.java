package io.ssegateway.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.SourceStats;
import io.ssegateway.engine.Timing;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.TransportCounter;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a gateway, or of an engine alone, as meters. Each reads what the engine counts
 * anyway, so that binding them costs a message nothing. Immutable.
 *
 * <p>To a {@link PrometheusMeterRegistry} times go as histograms; to any other registry as timers
 * without one, with the percentiles since the start as gauges.
 */
public final class GatewayMetrics implements MeterBinder {
  private static final String PREFIX = "sse.gateway.";

  private final Engine engine;
  private final @Nullable Gateway gateway;

  /** The figures of an engine without HTTP; it may be started later. */
  public GatewayMetrics(Engine engine) {
    this.engine = Objects.requireNonNull(engine);
    this.gateway = null;
  }

  /** The figures of a gateway; it may be started later. */
  public GatewayMetrics(Gateway gateway) {
    this.engine = gateway.engine();
    this.gateway = gateway;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    bindConnections(registry);
    bindRing(registry);
    bindJournal(registry);
    for (Counter counter : Counter.values()) {
      bindCounter(registry, CounterNames.of(counter), engine, e -> e.count(counter));
    }
    Gateway transport = gateway;
    if (transport != null) {
      for (TransportCounter counter : TransportCounter.values()) {
        bindCounter(registry, CounterNames.of(counter), transport, t -> t.count(counter));
      }
    }
    for (Timing timing : Timing.values()) {
      bindTiming(registry, timing);
    }
    engine.sources().forEach(source -> bindSource(registry, source));
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String unit,
      String description,
      ToDoubleFunction<Engine> figure) {
    Gauge.builder(PREFIX + name, engine, figure)
        .baseUnit(unit.isEmpty() ? null : unit)
        .description(description)
        .register(registry);
  }

  private void bindConnections(MeterRegistry registry) {
    gauge(registry, "connections", "", "Open streams", e -> e.subscribers().total());
    gauge(
        registry,
        "channels",
        "",
        "Channels that have a connection",
        e -> e.subscribers().channelCount());
    gauge(
        registry,
        "connections.replaying",
        "",
        "Streams that read the journal, because they came back or are too slow",
        Engine::replaying);
    gauge(
        registry,
        "connections.pending",
        "",
        "Streams whose sockets owe bytes",
        Engine::pendingConnections);
    gauge(
        registry,
        "pending",
        "bytes",
        "Bytes that sockets have not taken yet",
        Engine::pendingBytes);
    gauge(
        registry,
        "ready",
        "",
        "1 if the gateway is able to take traffic, else 0",
        e -> e.troubles().isEmpty() ? 1 : 0);
    gauge(
        registry,
        "draining",
        "",
        "1 while the gateway drains, else 0",
        e -> e.isDraining() ? 1 : 0);
  }

  private void bindRing(MeterRegistry registry) {
    gauge(
        registry,
        "ring.remaining",
        "events",
        "Events that the ring can still take",
        Engine::ringRemaining);
    gauge(
        registry, "ring.size", "events", "Events that the ring holds", e -> e.options().ringSize());
  }

  private void bindJournal(MeterRegistry registry) {
    gauge(
        registry,
        "journal.size",
        "bytes",
        "What the history takes, in memory or on disk",
        e -> e.journal().sizeBytes());
    gauge(
        registry,
        "journal.oldest.event.timestamp",
        "seconds",
        "When the oldest event of the journal was published, since 1970; NaN if it is not known",
        e -> secondsOrUnknown(e.journal()));
    gauge(
        registry,
        "journal.free.disk",
        "bytes",
        "What the journal's disk has free; NaN if it is on none",
        e -> e.journal().freeBytes() < 0 ? Double.NaN : e.journal().freeBytes());
    gauge(
        registry,
        "journal.writable",
        "",
        "1 if the journal takes events, 0 if it does not: its disk is full, or it is not reachable",
        e -> e.journal().refusesBecause() == null ? 1 : 0);
  }

  private static double secondsOrUnknown(Journal journal) {
    long ms = journal.oldestTimeMs();
    return ms == 0 ? Double.NaN : ms / 1000.0;
  }

  private static <T> void bindCounter(
      MeterRegistry registry, CounterNames names, T counted, ToDoubleFunction<T> figure) {
    FunctionCounter.builder(PREFIX + names.name(), counted, figure)
        .tags(names.tags())
        .baseUnit(names.unitOrNull())
        .description(names.description())
        .register(registry);
  }

  private void bindTiming(MeterRegistry registry, Timing timing) {
    String description = CounterNames.capitalised(timing.description());
    if (registry instanceof PrometheusMeterRegistry prometheus) {
      prometheus.getPrometheusRegistry().register(new TimingHistogram(engine, timing, description));
      return;
    }
    String name = PREFIX + timing.label().replace('_', '.');
    FunctionTimer.builder(
            name,
            engine,
            e -> e.timing(timing).count(),
            e -> e.timing(timing).sumNs(),
            TimeUnit.NANOSECONDS)
        .description(description)
        .register(registry);
    for (double share : new double[] {0.5, 0.99, 0.999}) {
      TimeGauge.builder(
              name + ".percentile",
              engine,
              TimeUnit.MICROSECONDS,
              e -> e.timing(timing).percentileUs(share))
          .tag("phi", Double.toString(share))
          .description(description)
          .register(registry);
    }
  }

  private static void bindSource(MeterRegistry registry, MessageSource source) {
    Tags tags = Tags.of("source", source.name());
    Gauge.builder(PREFIX + "source.up", source, s -> s.health().up() ? 1 : 0)
        .tags(tags)
        .description("1 if the source gets what its backend has, else 0")
        .register(registry);
    Gauge.builder(PREFIX + "source.lag", source, s -> lag(s.stats()))
        .tags(tags)
        .baseUnit("events")
        .description("Messages that the backend holds for the source; NaN if it is not known")
        .register(registry);
    sourceCounter(
        registry,
        source,
        "received",
        "Messages that the backend has handed over",
        s -> s.received());
    sourceCounter(
        registry, source, "invalid", "Messages that could not be delivered", s -> s.invalid());
    sourceCounter(
        registry,
        source,
        "lost",
        "Messages that could have been delivered and were not",
        s -> s.lost());
    sourceCounter(
        registry,
        source,
        "waits",
        "Times the source had to wait for the ring or the journal",
        s -> s.waits());
    sourceCounter(
        registry,
        source,
        "reconnects",
        "Times the connection to the backend was lost and made again",
        s -> s.reconnects());
  }

  private static double lag(SourceStats stats) {
    return stats.lag() < 0 ? Double.NaN : stats.lag();
  }

  private static void sourceCounter(
      MeterRegistry registry,
      MessageSource source,
      String name,
      String description,
      ToDoubleFunction<SourceStats> figure) {
    FunctionCounter.builder(PREFIX + "source." + name, source, s -> figure.applyAsDouble(s.stats()))
        .tag("source", source.name())
        .description(description)
        .register(registry);
  }
}
