package io.ssegateway.storage.redis;

import io.ssegateway.engine.journal.EventTail;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.ReplaySink;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the tail in memory as long as that has what is asked for, and from Redis, a chunk at a
 * time, when it does not. Not thread-safe.
 */
final class RedisReader implements JournalReader {
  /** Most events of a chunk. */
  static final int MAX_EVENTS = 256;

  /** Bytes of payloads after which a chunk ends. */
  static final int MAX_BYTES = 64 * 1024;

  private final RedisJournal journal;
  private final List<String> channels;

  /** Everything up to here is offered or told to be missing. */
  private long offered;

  /** Most events of each channel, until it was applied. */
  private int limit;

  // one of the two is in use, or none
  private @Nullable JournalReader tailReader;
  private @Nullable EventTail tailOfReader;
  private @Nullable Chunk chunk;

  RedisReader(RedisJournal journal, List<String> channels, long after, int limit) {
    this.journal = journal;
    this.channels = channels;
    this.offered = after;
    this.limit = limit;
  }

  @Override
  public boolean read(long upTo, ReplaySink sink) {
    TailSink tailSink = new TailSink(sink);
    while (true) {
      if (chunk == null) {
        tailSink.missed = false;
        if (tailReader().read(upTo, tailSink)) {
          offered = Math.max(offered, upTo);
          return true;
        }
        if (!tailSink.missed) {
          return false;
        }
        tailReader = null;
        chunk = fetch(upTo);
      }
      if (!deliver(chunk, sink)) {
        chunk = null; // a client that waits holds no memory; the rest is read again
        return false;
      }
      offered = Math.max(offered, chunk.completeUpTo);
      boolean complete = chunk.completeUpTo >= upTo;
      chunk = null;
      if (complete) {
        return true;
      }
      if (offered < journal.tail().droppedUpTo()) {
        chunk = fetch(upTo);
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // the very tail is meant: after a loss there is another
  private JournalReader tailReader() {
    JournalReader reader = tailReader;
    EventTail tail = journal.tail();
    if (reader == null || tailOfReader != tail) {
      reader = tail.open(channels, offered, limit);
      tailReader = reader;
      tailOfReader = tail;
    }
    return reader;
  }

  private boolean deliver(Chunk from, ReplaySink sink) {
    GapReason gap = from.gap;
    if (gap != null) {
      if (!sink.onGap(gap, from.gapUpTo)) {
        return false;
      }
      offered = Math.max(offered, from.gapUpTo);
      from.gap = null;
    }
    limit = 0;
    while (from.next < from.events.size()) {
      StoredEvent event = from.events.get(from.next);
      int length = event.putBody(from.body);
      if (!sink.onEvent(event.position(), event.channel(), from.body, 0, length)) {
        return false;
      }
      offered = event.position();
      from.next++;
    }
    return true;
  }

  private Chunk fetch(long upTo) {
    return new Chunk(journal.read(channels, offered, upTo, limit), upTo);
  }

  /** What one call has answered. */
  private static final class Chunk {
    private final ExpandableArrayBuffer body = new ExpandableArrayBuffer();
    private final List<StoredEvent> events = new ArrayList<>();
    private final long gapUpTo;
    private final long completeUpTo;
    private @Nullable GapReason gap;
    private int next;

    Chunk(List<Object> answer, long upTo) {
      String reason = RedisScripts.text(answer.get(0));
      gapUpTo = Positions.of((byte[]) answer.get(1));
      gap =
          switch (reason) {
            case "" -> null;
            case "limit" -> GapReason.LIMIT;
            default -> GapReason.EXPIRED;
          };
      for (int i = 3; i < answer.size(); i += 2) {
        events.add(
            StoredEvent.of(RedisScripts.text(answer.get(i)), RedisScripts.list(answer.get(i + 1))));
      }
      boolean all = RedisScripts.text(answer.get(2)).equals("1");
      completeUpTo =
          all ? upTo : events.isEmpty() ? gapUpTo : events.get(events.size() - 1).position();
    }
  }

  /** Passes on what the tail has, and notices where it has not got what is asked for. */
  private final class TailSink implements ReplaySink {
    private final ReplaySink sink;
    private boolean missed;

    TailSink(ReplaySink sink) {
      this.sink = sink;
    }

    @Override
    public boolean onEvent(
        long position, @Nullable String channel, DirectBuffer buffer, int offset, int length) {
      if (!sink.onEvent(position, channel, buffer, offset, length)) {
        return false;
      }
      offered = position;
      return true;
    }

    @Override
    public boolean onGap(GapReason reason, long resumeAfter) {
      if (reason == GapReason.EXPIRED) {
        missed = true;
        return false;
      }
      if (!sink.onGap(reason, resumeAfter)) {
        return false;
      }
      offered = resumeAfter;
      limit = 0;
      return true;
    }
  }

  @Override
  public void close() {
    chunk = null;
  }
}
