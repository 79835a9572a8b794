/**
 * Who listens to what, told as messages on channels of their own and as webhooks.
 *
 * <pre>
 *  lane ──▶ sse-source-events thread        sse-presence thread
 *           PresenceSource ─▶ PresenceTracker ─▶ bounded queues ─┬▶ EventPublisher (presence:CHANNEL)
 *                              joins, leaves,                    └▶ PresenceHook ─▶ HTTP
 *                              grace period
 * </pre>
 *
 * A source that no gateway has costs nothing; one that it has costs an event loop what telling any
 * source of a connection does.
 */
@NullMarked
package io.ssegateway.presence;

import org.jspecify.annotations.NullMarked;
