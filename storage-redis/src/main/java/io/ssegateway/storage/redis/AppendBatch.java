package io.ssegateway.storage.redis;

import static io.ssegateway.storage.redis.RedisScripts.bytes;

import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.Refusal;
import java.util.ArrayList;
import java.util.List;

/** Events that go to Redis in one call. Owned by the journal thread. */
final class AppendBatch {
  /** Bytes of payloads after which another call begins. */
  private static final int MAX_BYTES = 4 * 1024 * 1024;

  private static final byte[] EMPTY = new byte[0];

  private final List<JournalEntry> entries = new ArrayList<>();
  private final List<byte[]> fields = new ArrayList<>();
  private int byteCount;

  boolean isEmpty() {
    return entries.isEmpty();
  }

  boolean isFull() {
    return byteCount >= MAX_BYTES;
  }

  void add(JournalEntry entry) {
    byte[] payload = new byte[entry.payloadLength()];
    entry.buffer().getBytes(entry.payloadOffset(), payload);
    String channel = entry.channel();
    String publisherId = entry.publisherId();
    SourceOffset offset = entry.sourceOffset();
    fields.add(channel == null ? EMPTY : bytes(channel));
    fields.add(bytes(entry.type()));
    fields.add(publisherId == null ? EMPTY : bytes('+' + publisherId));
    fields.add(bytes(entry.retryMs()));
    fields.add(bytes(StoredEvent.text(entry.traceContext())));
    fields.add(bytes(entry.publishTimeMs()));
    fields.add(offset == null ? EMPTY : bytes(offset.partition()));
    fields.add(offset == null ? EMPTY : bytes(offset.offset()));
    fields.add(payload);
    entries.add(entry);
    byteCount += payload.length;
  }

  /** The arguments of the script. */
  byte[][] arguments(String epoch, long number, RedisJournalOptions options) {
    List<byte[]> arguments = new ArrayList<>(fields.size() + 7);
    arguments.add(bytes(epoch));
    arguments.add(bytes(number));
    arguments.add(bytes(options.maxEvents()));
    arguments.add(bytes(options.copyWindowMs()));
    arguments.add(bytes(options.idWindowMs()));
    arguments.add(bytes(options.keyPrefix()));
    arguments.add(bytes(entries.size()));
    arguments.addAll(fields);
    return arguments.toArray(byte[][]::new);
  }

  /**
   * Tells each event its position.
   *
   * @return how many were in the journal already
   */
  int journalled(List<Object> ids) {
    int copies = 0;
    for (int i = 0; i < entries.size(); i++) {
      String id = RedisScripts.text(ids.get(i));
      boolean copy = id.startsWith("=");
      copies += copy ? 1 : 0;
      entries.get(i).journalled(Positions.of(copy ? id.substring(1) : id));
    }
    return copies;
  }

  void refused(Refusal refusal, String detail) {
    entries.forEach(entry -> entry.refused(refusal, detail));
  }

  void clear() {
    entries.clear();
    fields.clear();
    byteCount = 0;
  }
}
