package io.ssegateway.storage.chronicle;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** What the records of a journal add up to: files, heads of channels, offsets of sources. */
final class JournalState {
  final RollFiles files = new RollFiles();
  final ChannelHeads heads;

  /** For each partition of a source the offset of its newest event. */
  final Map<String, String> sourceOffsets = new ConcurrentHashMap<>();

  /** The epoch, or null if there is no record. */
  @Nullable String epoch;

  /** The newest record, or 0. */
  long lastPosition;

  /** The newest event, or the place before the first. */
  long newestEvent;

  /** The position up to which events are removed. */
  long deletedUpTo;

  JournalState(int maxChannelHeads) {
    this.heads = new ChannelHeads(maxChannelHeads);
  }

  /** Takes a record in, in the order of positions. For the start. */
  void restore(RollFile file, UnsafeBuffer buffer, int at) {
    long position = RecordLayout.position(buffer, at);
    byte kind = RecordLayout.kind(buffer, at);
    file.appended(
        kind, position, RecordLayout.length(buffer, at), RecordLayout.publishTimeMs(buffer, at));
    lastPosition = position;
    String partition = RecordLayout.partition(buffer, at);
    if (partition != null) {
      sourceOffsets.put(partition, RecordLayout.offset(buffer, at));
    }
    if (kind == RecordLayout.EVENT) {
      newestEvent = position;
      heads.restore(
          RecordLayout.channel(buffer, at),
          position,
          RecordLayout.ordinal(buffer, at),
          RecordLayout.skip(buffer, at));
    }
  }
}
