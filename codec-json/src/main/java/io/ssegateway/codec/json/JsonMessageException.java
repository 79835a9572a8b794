package io.ssegateway.codec.json;

/** JSON that is no message. The text says what was wrong, with the value, and where. */
public final class JsonMessageException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean tooMany;

  JsonMessageException(String message, boolean tooMany) {
    super(message, null, false, false);
    this.tooMany = tooMany;
  }

  /** Whether each message may be right, but there are more than one call may hold. */
  public boolean isTooMany() {
    return tooMany;
  }

  /** What was wrong. */
  public String detail() {
    return String.valueOf(getMessage());
  }
}
