package io.ssegateway.gateway.config;

import io.ssegateway.gateway.config.Setting.Group;
import io.ssegateway.storage.chronicle.SyncPolicy;
import java.util.ArrayList;
import java.util.List;

/** Settings of the journal. */
public final class JournalSettings {
  private static final List<Setting<?>> ALL = new ArrayList<>();

  /** Where history is kept. */
  public static final Setting<JournalKind> JOURNAL =
      add(
          Setting.choice(
              Group.JOURNAL,
              "journal",
              JournalKind.CHRONICLE,
              "Where history is kept: on disk by Chronicle Queue, in Redis for several nodes, in"
                  + " memory until the process ends, or nowhere."));

  /** Directory of the journal. */
  public static final Setting<String> DATA_DIR =
      add(
          Setting.text(
              Group.JOURNAL,
              "data-dir",
              "sse-gateway-data",
              "Directory of the chronicle journal; made if it does not exist. One process at a"
                  + " time."));

  /** Bytes of recent history in memory. */
  public static final Setting<Long> JOURNAL_MEMORY =
      add(
          Setting.size(
              Group.JOURNAL,
              "journal-memory",
              "64MiB",
              4096,
              1L << 40,
              "Memory for the most recent history: all of it with memory, the part that ordinary"
                  + " reconnects are served from with the others."));

  /** Age after which an event is dropped. */
  public static final Setting<Long> JOURNAL_MAX_AGE =
      add(
          Setting.longDuration(
              Group.JOURNAL,
              "journal-max-age",
              "7d",
              0,
              "Age after which events are dropped; 0 for no bound."));

  /** Bytes on disk over which the oldest events are dropped. */
  public static final Setting<Long> JOURNAL_MAX_DISK =
      add(
          Setting.size(
              Group.JOURNAL,
              "journal-max-disk",
              "10GiB",
              0,
              Long.MAX_VALUE,
              "Disk space of the chronicle journal over which the oldest events are dropped; 0 for"
                  + " no bound."));

  /** Most events kept of a channel. */
  public static final Setting<Integer> JOURNAL_MAX_EVENTS =
      add(
          Setting.integer(
              Group.JOURNAL,
              "journal-max-events-per-channel",
              0,
              0,
              Integer.MAX_VALUE,
              "Most events that the chronicle journal offers of a channel; 0 for no bound."));

  /** When events are forced to the disk. */
  public static final Setting<SyncPolicy> JOURNAL_SYNC =
      add(
          Setting.choice(
              Group.JOURNAL,
              "journal-sync",
              SyncPolicy.NONE,
              "When the chronicle journal forces events to the disk. none survives the end of the"
                  + " process, kill -9 too; batch, the end of the machine as well; interval, all"
                  + " but the last moment of that."));

  /** Time between two forces. */
  public static final Setting<Integer> JOURNAL_SYNC_INTERVAL =
      add(
          Setting.duration(
              Group.JOURNAL,
              "journal-sync-interval",
              "1s",
              1,
              "Time between two forces with journal-sync=interval."));

  /** Free bytes below which nothing is appended. */
  public static final Setting<Long> JOURNAL_MIN_FREE =
      add(
          Setting.size(
              Group.JOURNAL,
              "journal-min-free",
              "256MiB",
              0,
              1L << 50,
              "Free disk space below which the chronicle journal takes nothing and publishers get"
                  + " 507, until there is a quarter more; 0 for no guard."));

  /** Most events of the history in Redis. */
  public static final Setting<Long> JOURNAL_MAX_EVENTS_IN_REDIS =
      add(
          Setting.longInteger(
              Group.JOURNAL,
              "journal-redis-max-events",
              1_000_000,
              0,
              Long.MAX_VALUE,
              "Most events of the redis journal; 0 for no bound."));

  /** What the keys of the redis journal begin with. */
  public static final Setting<String> JOURNAL_REDIS_PREFIX =
      add(
          Setting.text(
              Group.JOURNAL,
              "journal-redis-prefix",
              "{sse-gateway}:",
              "What the keys of the redis journal begin with. Nodes that share a history have the"
                  + " same; the braces keep the keys together in a cluster."));

  private JournalSettings() {}

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }

  static List<Setting<?>> all() {
    return ALL;
  }
}
