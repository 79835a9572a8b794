/**
 * One history on Redis for several gateway nodes.
 *
 * <pre>
 *   journal thread ──append.lua──▶ Redis: order, channel:*, broadcasts, offsets
 *                                    │
 *   follower thread ◀──XREAD order───┤          EventTail ◀── replay threads
 *        └──▶ CommittedEventSink     └──read.lua──▶ replay threads, for what is older
 * </pre>
 *
 * The order of the events is the order in which Redis runs the scripts, one at a time, whichever
 * node sends them. Each node follows that order and fans it out, its own events too.
 */
@NullMarked
package io.ssegateway.storage.redis;

import org.jspecify.annotations.NullMarked;
