/**
 * Messages out of Redis, by Pub/Sub and by Streams.
 *
 * <pre>
 *   Redis ──PSUBSCRIBE──▶ Lettuce's event loop ──▶ queue ──▶ source thread ──▶ EventPublisher
 *              ▲ reading stops while the queue is full
 *
 *   Redis ──XREAD──▶ source thread ──▶ EventPublisher ──▶ journal
 *             ▲ begins behind the newest entry that is journalled
 * </pre>
 *
 * {@link io.ssegateway.sources.redis.RedisPubSubSource} gets what is published while it is
 * connected; {@link io.ssegateway.sources.redis.RedisStreamsSource} gets every entry that the
 * stream still holds, also after a restart.
 */
@NullMarked
package io.ssegateway.sources.redis;

import org.jspecify.annotations.NullMarked;
