/**
 * What the gateway can be told, and where it was told so.
 *
 * <pre>
 *   command line ─┐
 *   environment  ─┼─▶ ConfigurationLoader ─▶ Configuration ─▶ get(Setting)
 *   file         ─┘        (strict)
 * </pre>
 *
 * A {@link io.ssegateway.gateway.config.Setting} is defined once, in {@link
 * io.ssegateway.gateway.config.Settings}: its name is the flag and the key in the file, and in
 * capitals behind {@code SSE_GATEWAY_} the environment variable. What is not a setting stops the
 * start.
 */
@NullMarked
package io.ssegateway.gateway.config;

import org.jspecify.annotations.NullMarked;
