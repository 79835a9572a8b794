package io.ssegateway.engine.journal;

/** Why a client is told that events may be missing from its stream. */
public enum GapReason {
  /** Retention has removed events that the client has not seen. */
  EXPIRED("expired"),
  /**
   * The client's id is of another journal, of a later time than this one knows, or no id at all.
   */
  UNKNOWN_EPOCH("unknown_epoch"),
  /** More was missed than a replay may hold; the newest of it follows. */
  LIMIT("limit");

  private final String text;

  GapReason(String text) {
    this.text = text;
  }

  /** The reason as it stands in the gap event. */
  public String text() {
    return text;
  }
}
