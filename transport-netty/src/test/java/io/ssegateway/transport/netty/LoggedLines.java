package io.ssegateway.transport.netty;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** All that is logged by anybody, at every level, until it is closed. The console gets no more. */
final class LoggedLines implements AutoCloseable {
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final Logger own = (Logger) LoggerFactory.getLogger("io.ssegateway");
  private final Level rootLevel = root.getLevel();
  private final Level ownLevel = own.getLevel();

  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event.getFormattedMessage());
          if (event.getThrowableProxy() != null) {
            lines.add(ThrowableProxyUtil.asString(event.getThrowableProxy()));
          }
        }
      };

  LoggedLines() {
    root.iteratorForAppenders().forEachRemaining(each -> each.addFilter(new ConsoleThreshold()));
    appender.start();
    root.addAppender(appender);
    root.setLevel(Level.TRACE);
    own.setLevel(Level.TRACE);
  }

  /** Keeps what is only to be scanned off the console. */
  private static final class ConsoleThreshold extends Filter<ILoggingEvent> {
    @Override
    public FilterReply decide(ILoggingEvent event) {
      return event.getLevel().isGreaterOrEqual(Level.WARN) ? FilterReply.NEUTRAL : FilterReply.DENY;
    }
  }

  Collection<String> lines() {
    return lines;
  }

  @Override
  public void close() {
    root.detachAppender(appender);
    root.iteratorForAppenders().forEachRemaining(each -> each.clearAllFilters());
    root.setLevel(rootLevel);
    own.setLevel(ownLevel);
  }
}
