package io.ssegateway.sources.webhook;

/** A request that cannot become a message. Carries no stack trace, because senders cause it. */
final class BadWebhookException extends Exception {
  private static final long serialVersionUID = 1;

  BadWebhookException(String detail) {
    super(detail, null, false, false);
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
