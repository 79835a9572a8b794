/**
 * The bytes of the wire and the text of ids.
 *
 * <pre>
 *   message ──encode──▶ body   "event: t\ndata: …\n\n"          publisher's thread, once
 *   position ─stamp───▶ id     "id: epoch-position\n" + body     journal thread, once
 * </pre>
 *
 * A <em>frame</em> is an id line followed by a body. Bodies are what journals keep or rebuild; the
 * id line is a function of epoch and position and is written again wherever a frame is needed.
 */
@NullMarked
package io.ssegateway.engine.frame;

import org.jspecify.annotations.NullMarked;
