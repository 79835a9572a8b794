package io.ssegateway.engine.journal;

/** Why an event that was accepted into the ring did not get into the journal. */
public enum Refusal {
  /** The journal has no room and takes nothing until there is room again. */
  JOURNAL_FULL,
  /** The event is larger than a record of this journal can be. */
  RECORD_TOO_LARGE,
  /** The journal failed; the event may or may not be in it. */
  JOURNAL_FAILED,
}
