/**
 * Messages that other services send as webhooks.
 *
 * <pre>
 *   POST /webhook/{name} ─▶ WebhookSource.handle ─▶ WebhookSignature ─▶ WebhookTemplate ─▶ EventPublisher
 *        (a transport)            │                                                            │
 *                              refused at once ─────────▶ WebhookReply ◀──── journalled ───────┘
 * </pre>
 *
 * A {@link io.ssegateway.sources.webhook.WebhookRoute} says for each name how a foreign JSON body
 * becomes a message. No HTTP is known here.
 */
@NullMarked
package io.ssegateway.sources.webhook;

import org.jspecify.annotations.NullMarked;
