package io.ssegateway.sources.kafka;

/** A record that cannot become a message. Carries no stack trace, because producers cause it. */
final class BadRecordException extends Exception {
  private static final long serialVersionUID = 1;

  BadRecordException(String detail) {
    super(detail, null, false, false);
  }
}
