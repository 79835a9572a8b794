package io.ssegateway.gateway;

import io.ssegateway.engine.Message;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.SourceContext;
import io.ssegateway.engine.SourceStats;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * What {@code --demo} shows: prices that walk, and orders now and then. Every event has a number
 * one greater than the one before, so that who listens can tell whether any is missing. One thread
 * of its own.
 */
final class DemoSource implements MessageSource {
  static final String PRICES = "demo.prices";
  static final String ORDERS = "demo.orders";

  private static final int PERIOD_MS = 100;
  private static final int TICKS_PER_ORDER = 8;
  private static final String[] CITIES = {
    "Lisbon", "Nairobi", "Osaka", "Quito", "Oslo", "Hanoi", "Tallinn", "Montreal", "Perth", "Cusco"
  };
  private static final String[] GOODS = {
    "coffee", "lamp", "bicycle", "notebook", "headphones", "tea", "chair", "camera", "atlas", "kite"
  };

  private final InstantSource clock;
  private final RandomGenerator random;
  private final double[] prices = {100, 80, 60};
  private final AtomicLong published = new AtomicLong();
  private final AtomicLong missed = new AtomicLong();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "sse-demo");
            thread.setDaemon(true);
            return thread;
          });
  private long priceNumber;
  private long orderNumber;

  DemoSource(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  @Override
  public String name() {
    return "demo";
  }

  @Override
  public void start(SourceContext context) {
    timer.scheduleAtFixedRate(() -> tick(context), 0, PERIOD_MS, TimeUnit.MILLISECONDS);
  }

  private void tick(SourceContext context) {
    if (offer(context, price())) {
      priceNumber++;
    }
    if (priceNumber % TICKS_PER_ORDER == 0 && offer(context, order())) {
      orderNumber++;
    }
  }

  private boolean offer(SourceContext context, Message message) {
    boolean taken = context.publisher().publish(message) == PublishResult.PUBLISHED;
    (taken ? published : missed).incrementAndGet();
    return taken;
  }

  private Message price() {
    for (int i = 0; i < prices.length; i++) {
      double home = 100 - 20.0 * i;
      prices[i] += random.nextDouble(-1.2, 1.2) + (home - prices[i]) * 0.01;
    }
    String data =
        String.format(
            Locale.ROOT,
            "{\"n\":%d,\"t\":%d,\"v\":[%.2f,%.2f,%.2f]}",
            priceNumber,
            clock.millis(),
            prices[0],
            prices[1],
            prices[2]);
    return Message.of(PRICES, "price", data);
  }

  private Message order() {
    String data =
        String.format(
            Locale.ROOT,
            "{\"n\":%d,\"t\":%d,\"what\":\"%s\",\"where\":\"%s\",\"total\":%d}",
            orderNumber,
            clock.millis(),
            GOODS[random.nextInt(GOODS.length)],
            CITIES[random.nextInt(CITIES.length)],
            random.nextInt(5, 200));
    return Message.of(ORDERS, "order", data);
  }

  @Override
  public SourceStats stats() {
    long lost = missed.get();
    return new SourceStats(published.get() + lost, 0, lost, 0, 0, -1);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
