/**
 * What most sources need beside the engine: checks of options, a wait between tries that grows, and
 * warnings that do not flood the log.
 */
@NullMarked
package io.ssegateway.engine.support;

import org.jspecify.annotations.NullMarked;
