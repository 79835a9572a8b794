package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.journal.EventTail;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.ReplaySink;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads some channels, and the broadcasts: from the tail in memory once what is offered reaches
 * where the tail begins, from the files before that, and from the files again if the tail has let
 * go of something in the meantime.
 *
 * <pre>
 *   files  ────────────────────────────────▶ newest
 *   tail                       ├───────────▶ newest
 *   reader     offered ──files──▶──tail──▶ upTo
 *                              ^ droppedUpTo
 * </pre>
 *
 * <p>In the files, each channel's records are a chain that leads back. It is entered at its newest
 * record and followed back in strides of {@link RecordLayout#SKIP_INTERVAL} to where the reader is;
 * from there it is offered stride by stride. What a replay costs is what it replays, and what it
 * holds is one position a stride.
 *
 * <p>Not thread-safe. Files are in use only while a read is under way, so a slow client does not
 * keep a deleted file on the disk.
 */
final class ChronicleReader implements JournalReader {
  private static final long NOTHING = Long.MAX_VALUE;
  private static final int FIRST_CAPACITY = 8;

  private final ChronicleJournal journal;
  private final RollFiles files;
  private final ChannelHeads heads;
  private final EventTail tail;
  private final List<String> names;
  private final Chain[] chains;
  private final int limit;
  private final GapReason limitReason;
  private final CRC32C crc = new CRC32C();
  private final List<FileUse> uses = new ArrayList<>();
  private final TailSink tailSink = new TailSink();

  private @Nullable JournalReader tailReader;

  /** Everything up to here is offered or told to be missing. */
  private long offered;

  private long gapUpTo;
  private GapReason gapReason = GapReason.EXPIRED;

  /** The file of {@link #openRecord}, if that found one. */
  private @Nullable FileUse opened;

  /** Where in its file the record of {@link #openRecord} stands. */
  private int openedAt;

  /**
   * Creates a reader.
   *
   * @param limit most events of each channel to read, or 0 for no bound
   * @param limitReason what to call it when there are more
   */
  ChronicleReader(
      ChronicleJournal journal,
      JournalState state,
      EventTail tail,
      Collection<String> channels,
      long after,
      int limit,
      GapReason limitReason) {
    this.journal = journal;
    this.files = state.files;
    this.heads = state.heads;
    this.tail = tail;
    this.names = List.copyOf(channels);
    this.offered = after;
    this.limit = limit;
    this.limitReason = limitReason;
    this.chains = new Chain[names.size() + 1];
    for (int i = 0; i < names.size(); i++) {
      chains[i] = new Chain(names.get(i));
    }
    chains[names.size()] = new Chain(null); // the broadcasts
  }

  @Override
  public boolean read(long upTo, ReplaySink sink) {
    journal.requireOpen();
    while (offered < upTo) {
      long tailBegins = tail.droppedUpTo();
      if (offered < tailBegins) {
        leaveTail();
        if (!readFiles(Math.min(upTo, tailBegins), upTo, sink)) {
          return false;
        }
      } else if (!readTail(upTo, sink)) {
        return false;
      }
    }
    return true;
  }

  // ---- tail ----

  /** Reads the tail until it has nothing more, or has lost something; false if declined. */
  private boolean readTail(long upTo, ReplaySink sink) {
    JournalReader reader = tailReader;
    if (reader == null) {
      reader = tail.open(names, offered, limit);
      tailReader = reader;
    }
    tailSink.target = sink;
    tailSink.lost = false;
    boolean all = reader.read(upTo, tailSink);
    tailSink.target = null;
    if (tailSink.lost) {
      leaveTail(); // the files have it
      return true;
    }
    if (all) {
      offered = Math.max(offered, upTo);
    }
    return all;
  }

  /** What was found in the files before the tail was read is out of date. */
  private void leaveTail() {
    if (tailReader != null) {
      tailReader = null;
      gapUpTo = 0;
      for (Chain chain : chains) {
        chain.reset();
      }
    }
  }

  /** Keeps track of what the tail offers, and of what it no longer has. */
  private final class TailSink implements ReplaySink {
    private @Nullable ReplaySink target;
    private boolean lost;

    private ReplaySink target() {
      ReplaySink sink = target;
      if (sink == null) {
        throw new IllegalStateException("no read is under way");
      }
      return sink;
    }

    @Override
    public boolean onEvent(
        long position, @Nullable String channel, DirectBuffer buffer, int offset, int length) {
      boolean taken = target().onEvent(position, channel, buffer, offset, length);
      if (taken) {
        offered = position;
      }
      return taken;
    }

    @Override
    public boolean onGap(GapReason reason, long resumeAfter) {
      if (reason == GapReason.EXPIRED && tail.droppedUpTo() > offered) {
        lost = true;
        return false;
      }
      boolean taken = target().onGap(reason == GapReason.LIMIT ? limitReason : reason, resumeAfter);
      if (taken) {
        offered = resumeAfter;
      }
      return taken;
    }
  }

  // ---- files ----

  /**
   * Offers everything up to a position out of the files; false if declined.
   *
   * @param committedUpTo position up to which a gap may be told
   */
  private boolean readFiles(long upTo, long committedUpTo, ReplaySink sink) {
    try {
      for (Chain chain : chains) {
        chain.exhausted = false;
      }
      while (offered < upTo) {
        Chain best = null;
        long bestPosition = NOTHING;
        for (Chain chain : chains) {
          long position = chain.exhausted ? NOTHING : chain.locate();
          if (position > upTo) {
            chain.exhausted = true;
          } else if (position < bestPosition) {
            best = chain;
            bestPosition = position;
          }
        }
        if (gapUpTo > offered) {
          long resumeAfter = Math.min(gapUpTo, committedUpTo);
          if (!sink.onGap(gapReason, resumeAfter)) {
            return false;
          }
          offered = resumeAfter; // the rest of a gap that goes beyond is told by the next read
        } else if (best == null) {
          offered = upTo;
        } else if (!openRecord(bestPosition)) {
          best.reset(); // its file was removed: entered anew, the chain tells where it ends now
        } else if (!isIntact()) {
          journal.unreadable(bestPosition);
          noteGap(GapReason.EXPIRED, bestPosition);
        } else if (!offer(best, bestPosition, sink)) {
          return false;
        }
      }
      return true;
    } finally {
      for (FileUse use : uses) {
        use.file.release();
      }
      uses.clear();
      opened = null;
    }
  }

  private boolean offer(Chain chain, long position, ReplaySink sink) {
    UnsafeBuffer buffer = buffer();
    int at = openedAt;
    if (!sink.onEvent(
        position,
        chain.channel,
        buffer,
        at + RecordLayout.bodyAt(buffer, at),
        RecordLayout.bodyLength(buffer, at))) {
      return false;
    }
    offered = position;
    return true;
  }

  private void noteGap(GapReason reason, long upTo) {
    if (upTo > offered && upTo > gapUpTo) {
      gapUpTo = upTo;
      gapReason = reason;
    }
  }

  /** A file that this read uses. */
  private static final class FileUse {
    final RollFile file;
    RollFile.View view;
    ByteBuffer bytes;

    FileUse(RollFile file, RollFile.View view) {
      this.file = file;
      this.view = view;
      this.bytes = view.bytes().duplicate();
    }

    boolean reaches(long end) {
      if (view.buffer().capacity() < end) {
        RollFile.View larger = file.view(end);
        if (larger == null) {
          return false;
        }
        view = larger;
        bytes = larger.bytes().duplicate();
      }
      return true;
    }
  }

  /**
   * Goes to a record; false if its file is gone, or there is no record. Its checksum is not looked
   * at.
   */
  private boolean openRecord(long position) {
    FileUse use = use(position);
    long at = Position.offset(position);
    if (use == null || !use.reaches(at + RecordLayout.HEADER_LENGTH)) {
      return false;
    }
    UnsafeBuffer buffer = use.view.buffer();
    int offset = (int) at;
    if (RecordLayout.position(buffer, offset) != position
        || buffer.getInt(offset + RecordLayout.MAGIC_AT, RecordLayout.ORDER) != RecordLayout.MAGIC
        || !use.reaches(at + RecordLayout.length(buffer, offset))) {
      return false;
    }
    opened = use;
    openedAt = offset;
    return true;
  }

  private FileUse opened() {
    FileUse use = opened;
    if (use == null) {
      throw new IllegalStateException("no record is open");
    }
    return use;
  }

  private UnsafeBuffer buffer() {
    return opened().view.buffer();
  }

  /** Whether the open record's checksum fits. */
  private boolean isIntact() {
    FileUse use = opened();
    return RollFile.isRecord(use.view.buffer(), use.bytes, use.file.cycle, openedAt, crc);
  }

  private @Nullable FileUse use(long position) {
    FileUse last = opened;
    int cycle = Position.cycle(position);
    if (last != null && last.file.cycle == cycle) {
      return last;
    }
    for (int i = 0; i < uses.size(); i++) {
      FileUse use = uses.get(i);
      if (use.file.cycle == cycle) {
        return use;
      }
    }
    RollFile file = files.acquire(position);
    if (file == null) {
      return null;
    }
    RollFile.View view = null;
    try {
      view = file.view(0);
    } finally {
      if (view == null) {
        file.release();
      }
    }
    if (view == null) {
      return null;
    }
    FileUse use = new FileUse(file, view);
    uses.add(use);
    return use;
  }

  /** The records of a channel, or of the broadcasts, that are still to be offered. */
  private final class Chain {
    final @Nullable String channel;
    boolean exhausted;

    /** Ends of the strides to come; the next one is the last. */
    private long[] strides = new long[FIRST_CAPACITY];

    private int strideCount;

    /** The stride under way, newest first; what is at the count and behind is offered. */
    private long[] positions = new long[FIRST_CAPACITY];

    private int positionCount;

    /** Number of the first event to offer. */
    private long limitFrom;

    Chain(@Nullable String channel) {
      this.channel = channel;
    }

    void reset() {
      strideCount = 0;
      positionCount = 0;
    }

    /** The next position after what is offered, or NOTHING. */
    long locate() {
      boolean entered = false;
      while (true) {
        while (positionCount > 0) {
          long position = positions[positionCount - 1];
          if (position > offered) {
            return position;
          }
          positionCount--;
        }
        if (strideCount > 0) {
          long end = strides[--strideCount];
          if (end > offered) {
            fill(end);
          }
        } else if (entered || !enter()) {
          return NOTHING;
        } else {
          entered = true;
        }
      }
    }

    /** Notes the ends of the strides from the newest event back to what is offered. */
    private boolean enter() {
      ChannelHead head = heads.get(channel);
      if (head == null) {
        // Nothing of the channel is known, and whether there was something is forgotten.
        noteGap(GapReason.EXPIRED, heads.forgottenUpTo());
        return false;
      }
      long end = head.position;
      if (end <= offered) {
        return false;
      }
      long firstOrdinal = 0;
      while (true) {
        if (!openRecord(end) || !isIntact()) {
          if (strideCount == 0) {
            noteGap(GapReason.EXPIRED, end);
          }
          return strideCount > 0; // the walk back from the stride before finds the same
        }
        UnsafeBuffer buffer = buffer();
        long ordinal = RecordLayout.ordinal(buffer, openedAt);
        if (strideCount == 0 && limit > 0) {
          firstOrdinal = ordinal - limit + 1;
        }
        limitFrom = firstOrdinal;
        strides = put(strides, strideCount++, end);
        long next = RecordLayout.skip(buffer, openedAt);
        long nextOrdinal = (ordinal - 1) / RecordLayout.SKIP_INTERVAL * RecordLayout.SKIP_INTERVAL;
        if (next <= offered || nextOrdinal < firstOrdinal) {
          return true;
        }
        end = next;
      }
    }

    /** Notes the records of a stride from its end back to what is offered. */
    private void fill(long end) {
      positionCount = 0;
      long position = end;
      while (position > offered) {
        if (!openRecord(position)) {
          noteGap(GapReason.EXPIRED, position);
          return;
        }
        UnsafeBuffer buffer = buffer();
        if (RecordLayout.ordinal(buffer, openedAt) < limitFrom) {
          noteGap(limitReason, position);
          return;
        }
        positions = put(positions, positionCount++, position);
        long previous = RecordLayout.previous(buffer, openedAt);
        if (previous >= position) {
          journal.unreadable(position); // a broken chain must not lead in circles
          noteGap(GapReason.EXPIRED, position);
          return;
        }
        position = previous;
      }
      if (position < 0) {
        noteGap(GapReason.EXPIRED, -position);
      }
    }

    private long[] put(long[] array, int index, long value) {
      long[] room = index < array.length ? array : Arrays.copyOf(array, array.length * 2);
      room[index] = value;
      return room;
    }
  }

  @Override
  public void close() {
    // holds nothing between reads
  }
}
