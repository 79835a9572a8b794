package io.ssegateway.transport.netty;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An authenticator, and whether it is able to decide. That it is not is logged once, not for each
 * request that nobody can decide on; and so is that it is able again. Thread-safe.
 */
final class WatchedAuthenticator {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedAuthenticator.class);

  /** One that fails now and then would else be logged with every change. */
  private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(10);

  private final Authenticator authenticator;
  private final AtomicBoolean failing = new AtomicBoolean();
  private final LongAdder failures = new LongAdder();
  private volatile long lastFailureNs;

  WatchedAuthenticator(Authenticator authenticator) {
    this.authenticator = authenticator;
  }

  Authenticator authenticator() {
    return authenticator;
  }

  /** It could not decide. */
  void failed(String why, long nowNs) {
    lastFailureNs = nowNs;
    failures.increment();
    if (failing.compareAndSet(false, true)) {
      LOG.error("authenticator {} failed: {} (that it goes on failing is not logged)", name(), why);
    }
  }

  /** It has decided. */
  void decided(long nowNs) {
    if (failing.get() && nowNs - lastFailureNs >= QUIET_NS && failing.compareAndSet(true, false)) {
      LOG.info(
          "authenticator {} decides again; requests that were refused meanwhile: {}",
          name(),
          failures.sumThenReset());
    }
  }

  String name() {
    return authenticator.getClass().getName();
  }
}
