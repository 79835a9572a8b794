/**
 * The executable gateway.
 *
 * <pre>
 *   arguments, environment, file ─▶ Configuration ─▶ Wiring ─▶ Gateway ─▶ serves until SIGTERM ─▶ drain ─▶ exit 0
 * </pre>
 *
 * The only place that names concrete journals and sources.
 */
@NullMarked
package io.ssegateway.gateway;

import org.jspecify.annotations.NullMarked;
