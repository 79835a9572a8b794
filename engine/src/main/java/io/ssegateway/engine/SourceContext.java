package io.ssegateway.engine;

/**
 * What a source works with.
 *
 * @param publisher the way into the ring
 * @param subscribers tells who listens here
 */
public record SourceContext(EventPublisher publisher, LocalSubscribers subscribers) {}
