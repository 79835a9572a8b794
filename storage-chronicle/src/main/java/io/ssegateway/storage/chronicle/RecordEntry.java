package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.frame.SseFrame;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.Refusal;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** A record of an old file as an event to append to a new one. Not thread-safe. */
final class RecordEntry implements JournalEntry {
  private final UnsafeBuffer record = new UnsafeBuffer(0, 0);

  RecordEntry wrap(DirectBuffer buffer, int at) {
    record.wrap(buffer, at, RecordLayout.length(buffer, at));
    return this;
  }

  @Override
  public @Nullable String channel() {
    return RecordLayout.channel(record, 0);
  }

  @Override
  public String type() {
    String type = RecordLayout.type(record, 0);
    return type.isEmpty() ? SseFrame.DEFAULT_TYPE : type;
  }

  @Override
  public @Nullable String publisherId() {
    return RecordLayout.publisherId(record, 0);
  }

  @Override
  public int retryMs() {
    return RecordLayout.retryMs(record, 0);
  }

  @Override
  public @Nullable SourceOffset sourceOffset() {
    String partition = RecordLayout.partition(record, 0);
    return partition == null ? null : new SourceOffset(partition, RecordLayout.offset(record, 0));
  }

  @Override
  public long publishTimeMs() {
    return RecordLayout.publishTimeMs(record, 0);
  }

  @Override
  public DirectBuffer buffer() {
    return record;
  }

  @Override
  public int payloadOffset() {
    return RecordLayout.payloadAt(record, 0);
  }

  @Override
  public int payloadLength() {
    return RecordLayout.payloadLength(record, 0);
  }

  @Override
  public int bodyOffset() {
    return RecordLayout.bodyAt(record, 0);
  }

  @Override
  public int bodyLength() {
    return RecordLayout.bodyLength(record, 0);
  }

  @Override
  public void journalled(long position) {
    // nobody waits for it
  }

  @Override
  public void refused(Refusal refusal, String detail) {
    throw new IllegalStateException(refusal + ": " + detail);
  }
}
