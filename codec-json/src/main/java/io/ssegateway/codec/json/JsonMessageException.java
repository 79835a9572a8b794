package io.ssegateway.codec.json;

/** JSON that is no message. The text says what was wrong, with the value, and where. */
public final class JsonMessageException extends Exception {
  private static final long serialVersionUID = 1;

  /** What kind of thing was wrong. */
  public enum Reason {
    /** It is no JSON, or JSON that is no message. */
    MALFORMED,
    /**
     * A channel's name, a type or an id that is too long, or holds what cannot go over the wire.
     */
    NAME,
    /** Each message may be right, but there are more than one call may hold. */
    TOO_MANY
  }

  private final Reason reason;

  JsonMessageException(String message, Reason reason) {
    super(message, null, false, false);
    this.reason = reason;
  }

  /** What kind of thing was wrong. */
  public Reason reason() {
    return reason;
  }

  /** What was wrong. */
  public String detail() {
    return String.valueOf(getMessage());
  }
}
