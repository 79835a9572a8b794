package io.ssegateway.transport.netty;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An access log among the other lines that are logged. */
final class LoggerAccessLog implements AccessLog {
  private final Logger log = LoggerFactory.getLogger(LOGGER);
  private final AccessLogFormat format;

  LoggerAccessLog(AccessLogFormat format) {
    this.format = format;
  }

  @Override
  public void write(AccessLogEntry entry) {
    if (log.isInfoEnabled()) {
      log.info("{}", format.line(entry));
    }
  }
}
