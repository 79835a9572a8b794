package io.ssegateway.engine;

import io.ssegateway.engine.frame.TraceContext;
import org.jspecify.annotations.Nullable;

/**
 * An event as a {@link Subscriber} gets it. Immutable.
 *
 * @param id the id to go on after, as a client of the gateway would get it
 * @param channel the channel, or null for a broadcast
 * @param type the event type
 * @param data the payload; line breaks in it are LF
 * @param publisherId the id that the publisher gave, or null
 * @param traceContext the trace that it was published in; null if it is not known, or not told (see
 *     {@link EngineOptions#traceContext})
 */
public record ReceivedEvent(
    String id,
    @Nullable String channel,
    String type,
    String data,
    @Nullable String publisherId,
    @Nullable TraceContext traceContext) {}
