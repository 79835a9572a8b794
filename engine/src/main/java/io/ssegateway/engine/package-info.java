/**
 * The engine: from a source's message to the connections that listen.
 *
 * <pre>
 *  MessageSource ─┐                       journal thread                    lane (event loop)
 *  HTTP publish  ─┼─▶ EventPublisher ─▶ JournalHandler ──────────────▶ Lane ──▶ Batch ──▶ Outlet
 *  program       ─┘   claim, encode      append, commit,       look up, gather     socket
 *                     body, publish      stamp id, tell
 *                          │             publisher, signal               ▲
 *                     ═════╧══ ring of RingEvents ══════════             │ chunks
 *                                             │                          │
 *                                          Journal ───read───▶ Replay (replay threads)
 * </pre>
 *
 * <ul>
 *   <li>{@link io.ssegateway.engine.Engine} is what a program holds; {@link
 *       io.ssegateway.engine.Subscriber} listens without HTTP.
 *   <li>An event's bytes are encoded once, into its slot of the ring, and go from there to the
 *       sockets; a batch's events for a channel are gathered into one write.
 *   <li>A {@link io.ssegateway.engine.Connection} is REPLAYING, LIVE or CLOSED. The lanes are gated
 *       on the journal, so whatever a lane has not routed yet, or has passed a slow connection by
 *       with, is in the journal: there is no queue per connection.
 *   <li>One thread owns each mutable thing: publishers a slot until they publish it, the journal
 *       thread until it moves its sequence, the lanes after that.
 * </ul>
 */
@NullMarked
package io.ssegateway.engine;

import org.jspecify.annotations.NullMarked;
