package io.ssegateway.engine;

/** Every span of time that the engine keeps a {@link TimeHistogram} of. */
public enum Timing {
  /**
   * From the publish of an event until it was handed to a live connection's socket, counted for
   * each connection. Events that left in one write count as the oldest of them, and a connection as
   * the last of its group: the figure is never better than the truth, and worse by at most the time
   * of 64 writes. With a shared journal it begins when the journal hands the event over.
   */
  PUBLISH_TO_WRITE("publish_to_write", "from publish to the write to a live connection's socket"),
  /** What the journal took for the events of one batch, without the commit. */
  JOURNAL_APPEND("journal_append", "what the journal took to append the events of one batch"),
  /** What the journal took to commit one batch. */
  JOURNAL_COMMIT("journal_commit", "what the journal took to commit one batch"),
  /** From the begin of a replay until its connection has caught up. */
  REPLAY("replay", "from the begin of a replay until its connection has caught up"),
  ;

  private final String label;
  private final String description;

  Timing(String label, String description) {
    this.label = label;
    this.description = description;
  }

  /** The name in stats and metrics, in snake case. */
  public String label() {
    return label;
  }

  /** What is measured, for people to read. */
  public String description() {
    return description;
  }
}
