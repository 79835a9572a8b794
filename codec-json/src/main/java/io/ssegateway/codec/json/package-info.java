/**
 * A message as JSON, read the same way wherever it comes from.
 *
 * <pre>
 *   HTTP body      ─┐
 *   Redis payload  ─┼─▶ JsonMessages ─▶ Message ─▶ EventPublisher
 *   Kafka value    ─┘
 * </pre>
 */
@NullMarked
package io.ssegateway.codec.json;

import org.jspecify.annotations.NullMarked;
