/**
 * Messages out of Google Cloud Pub/Sub.
 *
 * <pre>
 *  Pub/Sub ──▶ Subscriber ─▶ MessageMapper ─▶ Deliveries ─▶ EventPublisher ─▶ journal
 *     ▲            (one thread: arrival order)    │                              │
 *     └────────── ack ◀──── journalled ───────────┴──────────────────────────────┘
 *                 nack ◀─── refused
 * </pre>
 *
 * A message is acknowledged once it is in the journal. While the ring is full the one receiving
 * thread waits, the client keeps the leases of what it holds, and takes no more than its bound.
 */
@NullMarked
package io.ssegateway.sources.pubsub;

import org.jspecify.annotations.NullMarked;
