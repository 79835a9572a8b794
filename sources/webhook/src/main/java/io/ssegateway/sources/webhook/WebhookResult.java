package io.ssegateway.sources.webhook;

/**
 * What became of a webhook request.
 *
 * @param status the outcome
 * @param position the event's position in the journal, or 0 if there is none
 * @param detail for people to read: what was wrong, or empty
 */
public record WebhookResult(Status status, long position, String detail) {
  /** The outcomes, each with the HTTP status that says the same. */
  public enum Status {
    /** The event is in the journal. */
    ACCEPTED(202),
    /** No route has the name. */
    UNKNOWN_NAME(404),
    /** The signature is missing, wrong, too old, or was used before. */
    BAD_SIGNATURE(401),
    /** The body is no JSON, or lacks what the route's templates ask for. */
    BAD_REQUEST(400),
    /** The payload is larger than the engine or the journal takes. */
    TOO_LARGE(413),
    /** The ring is full: nothing was taken; the sender should try again. */
    BACK_PRESSURED(503),
    /** The journal takes nothing now: nothing was taken; the sender should try again. */
    JOURNAL_UNAVAILABLE(507),
    /** The journal failed to take it: the sender should try again. */
    JOURNAL_FAILED(500),
    /** The engine is not started, draining or closed. */
    CLOSED(503);

    private final int httpStatus;

    Status(int httpStatus) {
      this.httpStatus = httpStatus;
    }

    /** The HTTP status to answer with. */
    public int httpStatus() {
      return httpStatus;
    }
  }

  static WebhookResult accepted(long position) {
    return new WebhookResult(Status.ACCEPTED, position, "");
  }

  static WebhookResult of(Status status, String detail) {
    return new WebhookResult(status, 0, detail);
  }
}
