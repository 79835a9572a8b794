package io.ssegateway.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.netty4.NettyAllocatorMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.PooledByteBufAllocator;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.HttpCall;
import io.ssegateway.transport.netty.HttpHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A registry for Prometheus with the figures of a gateway, its JVM and Netty's memory, and the
 * handler that answers them as text.
 *
 * <pre>{@code
 * PrometheusMetrics metrics = new PrometheusMetrics();
 * Gateway gateway =
 *     Gateway.builder().endpoint("/metrics", "GET, HEAD", Role.STATS, metrics.handler()).build();
 * metrics.bind(gateway);
 * }</pre>
 *
 * Thread-safe. Figures are gathered on a thread of its own, one question after the other.
 */
public final class PrometheusMetrics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PrometheusMetrics.class);
  private static final int MAX_WAITING = 16;
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS = "application/openmetrics-text";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT).throwExceptionOnRegistrationFailure();
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          30,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MAX_WAITING),
          task -> {
            Thread t = new Thread(task, "sse-metrics");
            t.setDaemon(true);
            return t;
          });
  private final List<AutoCloseable> closeables = new ArrayList<>();

  /** A registry that holds nothing yet. */
  public PrometheusMetrics() {
    thread.allowCoreThreadTimeOut(true);
  }

  /** The registry, for a program's own meters. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /** Answers the figures as text, of Prometheus or as OpenMetrics if that is asked for. */
  public HttpHandler handler() {
    return this::answer;
  }

  /**
   * Adds the figures of a gateway and of what it runs on. Called once, before or after it starts.
   */
  public void bind(Gateway gateway) {
    new GatewayMetrics(gateway).bindTo(registry);
    Gauge.builder("sse.gateway.info", () -> 1)
        .description("Always 1; the tags tell what the gateway was built of")
        .tag("journal", gateway.engine().journal().name())
        .tag("transport", gateway.transport().name().toLowerCase(java.util.Locale.ROOT))
        .register(registry);
    JvmGcMetrics gc = new JvmGcMetrics();
    closeables.add(gc);
    List<MeterBinder> binders =
        List.of(
            gc,
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            new JvmInfoMetrics(),
            new ClassLoaderMetrics(),
            new ProcessorMetrics(),
            new UptimeMetrics(),
            new FileDescriptorMetrics(),
            new NettyAllocatorMetrics(PooledByteBufAllocator.DEFAULT));
    binders.forEach(binder -> binder.bindTo(registry));
  }

  private void answer(HttpCall call) {
    String accept = call.header("Accept");
    boolean openMetrics = accept != null && accept.contains(OPEN_METRICS);
    String type = openMetrics ? OPEN_METRICS + "; version=1.0.0; charset=utf-8" : TEXT;
    try {
      thread.execute(() -> answer(call, type));
    } catch (RejectedExecutionException e) {
      call.refuse(503, "too many questions for metrics wait: try again");
    }
  }

  private void answer(HttpCall call, String type) {
    try {
      call.respond(200, type, scrape(type));
    } catch (RuntimeException e) {
      LOG.error("metrics could not be gathered", e);
      call.refuse(500, "the request failed; the log tells more");
    }
  }

  private byte[] scrape(String type) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(32 * 1024);
    try {
      registry.scrape(bytes, type);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // into memory
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    thread.shutdownNow();
    for (AutoCloseable closeable : closeables) {
      try {
        closeable.close();
      } catch (Exception e) {
        LOG.warn("a meter could not be closed", e);
      }
    }
    registry.close();
  }
}
