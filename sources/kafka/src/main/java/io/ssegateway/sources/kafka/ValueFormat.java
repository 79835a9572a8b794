package io.ssegateway.sources.kafka;

/** What a record's value is. */
public enum ValueFormat {
  /** The event's data, as UTF-8. Channel, event type and id come from key and headers. */
  TEXT,
  /**
   * A message as one JSON object, as {@code POST /api/send} takes it. A message that names no
   * channel gets that of key or header.
   */
  JSON
}
