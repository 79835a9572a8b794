package io.ssegateway.sources.pubsub;

/** A message that cannot become an event. Carries no stack trace, because publishers cause it. */
final class BadMessageException extends Exception {
  private static final long serialVersionUID = 1;

  BadMessageException(String detail) {
    super(detail, null, false, false);
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
