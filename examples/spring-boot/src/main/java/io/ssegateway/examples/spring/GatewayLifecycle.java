package io.ssegateway.examples.spring;

import io.ssegateway.transport.netty.Gateway;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Starts the gateway last and, when the context closes, ends it first: what was published is
 * delivered, and the streams are ended one after the other, before any bean goes.
 */
@Component
class GatewayLifecycle implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(GatewayLifecycle.class);

  private final Gateway gateway;
  private volatile boolean running;

  GatewayLifecycle(Gateway gateway) {
    this.gateway = gateway;
  }

  @Override
  public void start() {
    try {
      gateway.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    running = true;
    LOG.info("listen: curl -N 'http://127.0.0.1:{}/sse/connect?channel_id=prices'", gateway.port());
  }

  @Override
  public void stop() {
    boolean drained = gateway.drain();
    gateway.close();
    running = false;
    LOG.info(drained ? "drained" : "not everything could be drained in time");
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
