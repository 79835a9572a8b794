package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.JournalException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Appends events with their chains, and begins files with what they begin with. Owned by one thread
 * at a time.
 */
final class JournalAppender implements AutoCloseable {
  private final JournalState state;
  private QueueWriter writer;
  private final RecordEncoder encoder = new RecordEncoder();

  /** For what files begin with: an event may be begun when one is due. */
  private final RecordEncoder startEncoder = new RecordEncoder();

  private final String epoch;

  // of the event that was begun
  private @Nullable ChannelHead head;
  private long previous;
  private long ordinal;

  JournalAppender(JournalState state, QueueWriter writer, String epoch) {
    this.state = state;
    this.writer = writer;
    this.epoch = epoch;
  }

  /** The file that is written. */
  RollFile file() {
    return writer.file();
  }

  QueueWriter writer() {
    return writer;
  }

  /** Begins an event and answers the length of its record. */
  int begin(JournalEntry entry) {
    String channel = entry.channel();
    ChannelHead known = state.heads.get(channel);
    head = known;
    if (known == null || known.position == Position.NONE) {
      previous = -state.heads.forgottenUpTo();
      ordinal = 1;
      return encoder.begin(entry, previous, Position.NONE, ordinal);
    }
    previous = known.position;
    ordinal = known.ordinal + 1;
    return encoder.begin(entry, previous, known.skip, ordinal);
  }

  /** The position of the event before, as the record has it. */
  long previous() {
    return previous;
  }

  /** Appends the event that was begun and answers its position. */
  long append(JournalEntry entry) {
    long position = writer.append(encoder, RecordLayout.EVENT, entry.publishTimeMs());
    state.lastPosition = position;
    state.newestEvent = position;
    SourceOffset offset = entry.sourceOffset();
    if (offset != null) {
      state.sourceOffsets.put(offset.partition(), offset.offset());
    }
    ChannelHead known = head;
    String channel = entry.channel();
    if (known == null && channel != null) {
      known = state.heads.add(channel);
      head = known;
    }
    if (known != null) {
      known.advance(position, ordinal);
    }
    return position;
  }

  /** The head of the channel, or of the broadcasts, of the event that was appended last. */
  ChannelHead head() {
    return Objects.requireNonNull(head);
  }

  /** Writes what a file begins with. */
  void begin(long nowMs) {
    RollFile file = writer.file();
    file.previousEnd = state.lastPosition;
    startEncoder.beginStart(epoch, state.lastPosition, state.heads.broadcasts(), nowMs);
    state.lastPosition = writer.append(startEncoder, RecordLayout.START, nowMs);
    for (Map.Entry<String, String> offset : state.sourceOffsets.entrySet()) {
      startEncoder.beginOffset(offset.getKey(), offset.getValue(), nowMs);
      state.lastPosition = writer.append(startEncoder, RecordLayout.OFFSET, nowMs);
    }
    state.files.add(file);
  }

  /** Begins a new file. */
  void roll(long nowMs) {
    writer.roll(QueueNames.cycleAt(nowMs, writer.file().cycle + 1));
    begin(nowMs);
  }

  /** Whether nothing can be appended before {@link #mend}. */
  boolean isBroken() {
    return writer.isBroken();
  }

  /**
   * Begins anew behind the last record that is whole, after the queue has failed.
   *
   * @throws JournalException if that fails too
   */
  void mend(int blockSize, long nowMs) {
    RollFile file = writer.file();
    writer.close();
    if (state.files.contains(state.lastPosition) && file.lastPosition == state.lastPosition) {
      FileWalk walk = FileWalk.check(file, (f, buffer, at) -> {});
      if (walk.problem != null || walk.end < file.endOffset) {
        throw new JournalException(
            "journal file "
                + file
                + " is damaged: "
                + walk.problem
                + " (expected: whole up to "
                + file.endOffset
                + ")");
      }
      if (!walk.sealed) {
        StartScan.seal(file, walk.end);
      }
    }
    if (file.lastPosition == Position.NONE) {
      removeUnbegun(file);
    }
    writer =
        new QueueWriter(writer.directory(), blockSize, QueueNames.cycleAt(nowMs, file.cycle + 1));
    begin(nowMs);
  }

  /** A file without a record is nothing that a later start could go on from. */
  private static void removeUnbegun(RollFile file) {
    try {
      Files.deleteIfExists(file.path);
    } catch (IOException e) {
      throw new JournalException("journal file " + file.path + " cannot be removed: " + e, e);
    }
  }

  @Override
  public void close() {
    writer.close();
  }
}
