/**
 * What the engine asks of a journal, and the journals that need nothing but memory.
 *
 * <pre>
 *                 append* commit                     open            read*
 *   journal thread ─────────────▶  Journal  ◀──────────────  replay threads ──▶ ReplaySink
 *                                 position
 *                                  epoch
 * </pre>
 *
 * One thread appends, commits and maintains; any number of replay threads read. A reader sees what
 * was committed before it was asked, so a journal needs no lock between the two. {@link
 * io.ssegateway.engine.journal.EventTail} is the bounded buffer of recent events in which a
 * channel's history is found without reading other channels' events; {@link
 * io.ssegateway.engine.journal.MemoryJournal} is little more than that, and durable journals put it
 * in front of themselves.
 */
@NullMarked
package io.ssegateway.engine.journal;

import org.jspecify.annotations.NullMarked;
