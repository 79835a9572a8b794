package io.ssegateway.engine;

import java.util.Map;

/**
 * What a source works with. Immutable.
 *
 * @param publisher the way into the ring
 * @param subscribers tells who listens here
 * @param journalledOffsets for each {@link SourceOffset#partition} the offset of its newest event
 *     that the journal had when the engine started; empty if the journal survives no restart
 */
public record SourceContext(
    EventPublisher publisher, LocalSubscribers subscribers, Map<String, String> journalledOffsets) {
  /** Copies the map. */
  public SourceContext {
    journalledOffsets = Map.copyOf(journalledOffsets);
  }
}
