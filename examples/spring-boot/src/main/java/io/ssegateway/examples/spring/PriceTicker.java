package io.ssegateway.examples.spring;

import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.transport.netty.Gateway;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** A bean that publishes. Its thread is the scheduler's. */
@Component
class PriceTicker {
  private static final Logger LOG = LoggerFactory.getLogger(PriceTicker.class);

  private final Gateway gateway;
  private double price = 100;

  PriceTicker(Gateway gateway) {
    this.gateway = gateway;
  }

  @Scheduled(fixedRateString = "${ticker.period}")
  void tick() {
    price += ThreadLocalRandom.current().nextDouble(-1, 1);
    Message message = Message.of("prices", String.format(Locale.ROOT, "%.2f", price));
    PublishResult result = gateway.publisher().publish(message);
    if (result != PublishResult.PUBLISHED) {
      LOG.debug("a price was not published: {}", result);
    }
  }
}
