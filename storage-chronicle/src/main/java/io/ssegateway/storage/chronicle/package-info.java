/**
 * The durable journal, on Chronicle Queue.
 *
 * <pre>
 *                  append            ┌─ EventTail ──────────┐  recent events, in memory
 *  journal thread ───────▶ Chronicle-│                      │──▶ ChronicleReader ──▶ ReplaySink
 *                 commit   Journal   └─ JournalAppender     │    (replay threads)
 *                             │           │ QueueWriter     │
 *                             │           ▼                 │
 *                         Retention     roll files ── RollFile (mapped to be read)
 *                         SpaceGuard
 *                         FileForce     ChannelHeads: the newest record of every channel
 * </pre>
 *
 * <ul>
 *   <li>Events are appended through Chronicle's appender, one excerpt an event, in the format of
 *       {@link io.ssegateway.storage.chronicle.RecordLayout}; any tailer can read the files.
 *   <li>A position is the file's cycle and the record's offset in it, so a pointer from record to
 *       record leads straight there, and replay reads nothing but what it replays.
 *   <li>A start reads the files and believes nothing: each record has a checksum and its own
 *       position, each file says where the one before it ends, and the newest committed position
 *       stands in a file of its own.
 * </ul>
 */
@NullMarked
package io.ssegateway.storage.chronicle;

import org.jspecify.annotations.NullMarked;
