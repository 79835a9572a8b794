package io.ssegateway.engine.support;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RateLimitedLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger("rate-limited");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final AtomicLong now = new AtomicLong(5);

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
  }

  @AfterEach
  void leave() {
    logger.detachAppender(lines);
  }

  @Test
  void warnsOnceInAnIntervalAndTellsHowOftenItDidNot() {
    RateLimitedLog log = new RateLimitedLog(logger, 100, now::get);
    log.warn("first");
    log.warn("second");
    log.warn("third");
    now.addAndGet(100);
    log.warn("fourth");

    assertThat(lines.list.stream().map(ILoggingEvent::getFormattedMessage))
        .containsExactly("first", "fourth (2 more like it since the last warning)");
  }

  @Test
  void anErrorKeepsItsExceptionAndSharesTheInterval() {
    RateLimitedLog log = new RateLimitedLog(logger, 100, now::get);
    log.error("first", new IllegalStateException("why"));
    log.error("second", new IllegalStateException("not told"));
    log.warn("third");
    now.addAndGet(100);
    log.error("fourth", new IllegalStateException("again"));

    assertThat(lines.list.stream().map(ILoggingEvent::getFormattedMessage))
        .containsExactly("first", "fourth (2 more like it since the last warning)");
    assertThat(lines.list.stream().map(line -> line.getThrowableProxy().getMessage()))
        .containsExactly("why", "again");
  }
}
