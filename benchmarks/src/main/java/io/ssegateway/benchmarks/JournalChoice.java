package io.ssegateway.benchmarks;

import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.engine.journal.NoJournal;
import io.ssegateway.storage.chronicle.ChronicleJournal;
import io.ssegateway.storage.chronicle.ChronicleJournalOptions;
import io.ssegateway.storage.chronicle.SyncPolicy;
import java.nio.file.Path;

/** The journals that benchmarks are run with. */
public enum JournalChoice {
  /** Keeps nothing. */
  NONE,
  /** Memory only. */
  MEMORY,
  /** Chronicle Queue, the operating system writes when it likes: the gateway's default. */
  CHRONICLE,
  /** Chronicle Queue, forced to the disk before each commit returns. */
  CHRONICLE_SYNC_BATCH,
  /** Chronicle Queue, forced to the disk once a second. */
  CHRONICLE_SYNC_INTERVAL;

  private static final long MAX_DISK_BYTES = 2L * 1024 * 1024 * 1024;

  /**
   * Opens one.
   *
   * @param directory an empty directory of its own, for those on disk
   * @param tailBytes bytes of the most recent events in memory
   */
  Journal open(Path directory, long tailBytes) {
    return switch (this) {
      case NONE -> new NoJournal();
      case MEMORY -> new MemoryJournal(tailBytes, 0);
      case CHRONICLE -> chronicle(directory, tailBytes, SyncPolicy.NONE);
      case CHRONICLE_SYNC_BATCH -> chronicle(directory, tailBytes, SyncPolicy.BATCH);
      case CHRONICLE_SYNC_INTERVAL -> chronicle(directory, tailBytes, SyncPolicy.INTERVAL);
    };
  }

  private static Journal chronicle(Path directory, long tailBytes, SyncPolicy policy) {
    return ChronicleJournal.open(
        ChronicleJournalOptions.builder(directory)
            .tailBytes(tailBytes)
            .maxDiskBytes(MAX_DISK_BYTES)
            .syncPolicy(policy)
            .build());
  }
}
