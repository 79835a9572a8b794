package io.ssegateway.gateway;

import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.engine.journal.NoJournal;
import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.JournalKind;
import io.ssegateway.gateway.config.JournalSettings;
import io.ssegateway.gateway.config.Settings;
import io.ssegateway.storage.chronicle.ChronicleJournal;
import io.ssegateway.storage.chronicle.ChronicleJournalOptions;
import io.ssegateway.storage.redis.RedisJournal;
import io.ssegateway.storage.redis.RedisJournalOptions;
import java.nio.file.Path;

/** Opens the journal that a configuration asks for. Stateless. */
final class JournalWiring {
  private JournalWiring() {}

  static Journal journal(Configuration configuration) {
    return switch (kind(configuration)) {
      case CHRONICLE -> ChronicleJournal.open(chronicleOptions(configuration));
      case REDIS ->
          RedisJournal.open(SourceWiring.named("redis", () -> redisOptions(configuration)));
      case MEMORY ->
          new MemoryJournal(
              configuration.get(JournalSettings.JOURNAL_MEMORY),
              configuration.get(JournalSettings.JOURNAL_MAX_AGE));
      case NONE -> new NoJournal();
    };
  }

  private static JournalKind kind(Configuration configuration) {
    boolean demo = configuration.get(Settings.DEMO);
    return demo && !configuration.isGiven(JournalSettings.JOURNAL)
        ? JournalKind.MEMORY
        : configuration.get(JournalSettings.JOURNAL);
  }

  private static ChronicleJournalOptions chronicleOptions(Configuration configuration) {
    Path directory = Path.of(configuration.get(JournalSettings.DATA_DIR));
    long minFree = configuration.get(JournalSettings.JOURNAL_MIN_FREE);
    return ChronicleJournalOptions.builder(directory)
        .tailBytes(configuration.get(JournalSettings.JOURNAL_MEMORY))
        .maxAgeMs(configuration.get(JournalSettings.JOURNAL_MAX_AGE))
        .maxDiskBytes(configuration.get(JournalSettings.JOURNAL_MAX_DISK))
        .maxEventsPerChannel(configuration.get(JournalSettings.JOURNAL_MAX_EVENTS))
        .syncPolicy(configuration.get(JournalSettings.JOURNAL_SYNC))
        .syncIntervalMs(configuration.get(JournalSettings.JOURNAL_SYNC_INTERVAL))
        .minFreeBytes(minFree)
        .resumeFreeBytes(minFree + minFree / 4)
        .build();
  }

  private static RedisJournalOptions redisOptions(Configuration configuration) {
    return RedisJournalOptions.builder(RedisWiring.connection(configuration, "journal is redis"))
        .keyPrefix(configuration.get(JournalSettings.JOURNAL_REDIS_PREFIX))
        .maxEvents(configuration.get(JournalSettings.JOURNAL_MAX_EVENTS_IN_REDIS))
        .maxAgeMs(configuration.get(JournalSettings.JOURNAL_MAX_AGE))
        .tailBytes(configuration.get(JournalSettings.JOURNAL_MEMORY))
        .build();
  }
}
