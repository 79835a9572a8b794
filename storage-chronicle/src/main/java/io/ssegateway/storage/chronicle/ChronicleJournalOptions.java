package io.ssegateway.storage.chronicle;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;

/**
 * Every option of the {@link ChronicleJournal}, once: name, unit, default and bounds. Immutable.
 *
 * @param directory where the journal lives; made if it does not exist; one process at a time
 * @param rollMs age in ms after which a file with events is followed by a new one
 * @param rollBytes bytes after which a file is followed by a new one; an eighth of {@link
 *     #maxDiskBytes} if that is less. Retention removes whole files
 * @param blockSize bytes of a file that are mapped at once, a power of two; the largest record is a
 *     quarter of it less 64 KiB. Address space, not disk: files are sparse
 * @param tailBytes bytes of memory for the most recent events
 * @param maxAgeMs age in ms after which events are removed, give or take {@link #rollMs}; 0 for
 *     never
 * @param maxDiskBytes bytes on disk over which the oldest files are removed; 0 for no bound. The
 *     two newest files are kept whatever their size
 * @param maxEventsPerChannel most events that are kept of a channel; 0 for no bound
 * @param maxChannelHeads most channels whose newest event is known; of more, those without an event
 *     for the longest time are forgotten, and who asks for them is told of a gap
 * @param syncPolicy when events are forced to the disk
 * @param syncIntervalMs time in ms between two forces for {@link SyncPolicy#INTERVAL}
 * @param minFreeBytes free bytes of the file system below which nothing is appended; 0 for no guard
 * @param resumeFreeBytes free bytes from which on events are appended again, {@code >=
 *     minFreeBytes}
 * @param startScanBytes bytes of the newest files of which a start checks every record, {@code >=
 *     0}; of older files it checks only the ends
 * @param clock the time
 */
public record ChronicleJournalOptions(
    Path directory,
    long rollMs,
    long rollBytes,
    int blockSize,
    long tailBytes,
    long maxAgeMs,
    long maxDiskBytes,
    int maxEventsPerChannel,
    int maxChannelHeads,
    SyncPolicy syncPolicy,
    int syncIntervalMs,
    long minFreeBytes,
    long resumeFreeBytes,
    long startScanBytes,
    InstantSource clock) {

  private static final int MIN_BLOCK_SIZE = 1024 * 1024;
  private static final long MAX_ROLL_BYTES = 1024L * 1024 * 1024;
  private static final long MIN_ROLL_BYTES = 64L * 1024;

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds; the text names it and its value
   */
  public ChronicleJournalOptions {
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(syncPolicy, "syncPolicy");
    Objects.requireNonNull(clock, "clock");
    require("rollMs", rollMs, rollMs >= 1 && rollMs <= 7L * 86_400_000, "from 1 to 604800000");
    require(
        "rollBytes",
        rollBytes,
        rollBytes >= MIN_ROLL_BYTES && rollBytes <= MAX_ROLL_BYTES,
        "from 65536 to 1073741824");
    require(
        "blockSize",
        blockSize,
        blockSize >= MIN_BLOCK_SIZE
            && blockSize <= 1024 * 1024 * 1024
            && Integer.bitCount(blockSize) == 1,
        "a power of two from 1048576 to 1073741824");
    require("tailBytes", tailBytes, tailBytes > 0, "> 0");
    require("maxAgeMs", maxAgeMs, maxAgeMs >= 0, ">= 0");
    require(
        "maxDiskBytes",
        maxDiskBytes,
        maxDiskBytes == 0 || maxDiskBytes >= 8 * MIN_ROLL_BYTES,
        "0 or >= 524288");
    require("maxEventsPerChannel", maxEventsPerChannel, maxEventsPerChannel >= 0, ">= 0");
    require("maxChannelHeads", maxChannelHeads, maxChannelHeads >= 16, ">= 16");
    require("syncIntervalMs", syncIntervalMs, syncIntervalMs > 0, "> 0");
    require("minFreeBytes", minFreeBytes, minFreeBytes >= 0, ">= 0");
    require(
        "resumeFreeBytes",
        resumeFreeBytes,
        resumeFreeBytes >= minFreeBytes,
        ">= minFreeBytes, which is " + minFreeBytes);
    require("startScanBytes", startScanBytes, startScanBytes >= 0, ">= 0");
  }

  private static void require(String name, long value, boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }

  /** The defaults for a directory: keeps a week, or 10 GiB. */
  public static ChronicleJournalOptions defaults(Path directory) {
    return new ChronicleJournalOptions(
        directory,
        3_600_000,
        128L * 1024 * 1024,
        256 * 1024 * 1024,
        64L * 1024 * 1024,
        7L * 86_400_000,
        10L * 1024 * 1024 * 1024,
        0,
        1_000_000,
        SyncPolicy.NONE,
        1_000,
        256L * 1024 * 1024,
        320L * 1024 * 1024,
        1024L * 1024 * 1024,
        InstantSource.system());
  }

  /** Starts from the defaults for a directory to change some. */
  public static Builder builder(Path directory) {
    return new Builder(defaults(directory));
  }

  /** Starts from these options to change some. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Bytes after which a file is followed by a new one. */
  long effectiveRollBytes() {
    return maxDiskBytes == 0
        ? rollBytes
        : Math.max(MIN_ROLL_BYTES, Math.min(rollBytes, maxDiskBytes / 8));
  }

  /** Changes options one by one. Not thread-safe. */
  public static final class Builder {
    private Path directory;
    private long rollMs;
    private long rollBytes;
    private int blockSize;
    private long tailBytes;
    private long maxAgeMs;
    private long maxDiskBytes;
    private int maxEventsPerChannel;
    private int maxChannelHeads;
    private SyncPolicy syncPolicy;
    private int syncIntervalMs;
    private long minFreeBytes;
    private long resumeFreeBytes;
    private long startScanBytes;
    private InstantSource clock;

    private Builder(ChronicleJournalOptions from) {
      directory = from.directory;
      rollMs = from.rollMs;
      rollBytes = from.rollBytes;
      blockSize = from.blockSize;
      tailBytes = from.tailBytes;
      maxAgeMs = from.maxAgeMs;
      maxDiskBytes = from.maxDiskBytes;
      maxEventsPerChannel = from.maxEventsPerChannel;
      maxChannelHeads = from.maxChannelHeads;
      syncPolicy = from.syncPolicy;
      syncIntervalMs = from.syncIntervalMs;
      minFreeBytes = from.minFreeBytes;
      resumeFreeBytes = from.resumeFreeBytes;
      startScanBytes = from.startScanBytes;
      clock = from.clock;
    }

    /** Where the journal lives. */
    public Builder directory(Path path) {
      directory = path;
      return this;
    }

    /** Age in ms after which a file is followed by a new one. */
    public Builder rollMs(long ms) {
      rollMs = ms;
      return this;
    }

    /** Bytes after which a file is followed by a new one. */
    public Builder rollBytes(long bytes) {
      rollBytes = bytes;
      return this;
    }

    /** Bytes of a file that are mapped at once, a power of two. */
    public Builder blockSize(int bytes) {
      blockSize = bytes;
      return this;
    }

    /** Bytes of memory for the most recent events. */
    public Builder tailBytes(long bytes) {
      tailBytes = bytes;
      return this;
    }

    /** Age in ms after which events are removed; 0 for never. */
    public Builder maxAgeMs(long ms) {
      maxAgeMs = ms;
      return this;
    }

    /** Bytes on disk over which the oldest files are removed; 0 for no bound. */
    public Builder maxDiskBytes(long bytes) {
      maxDiskBytes = bytes;
      return this;
    }

    /** Most events that are kept of a channel; 0 for no bound. */
    public Builder maxEventsPerChannel(int events) {
      maxEventsPerChannel = events;
      return this;
    }

    /** Most channels whose newest event is known. */
    public Builder maxChannelHeads(int channels) {
      maxChannelHeads = channels;
      return this;
    }

    /** When events are forced to the disk. */
    public Builder syncPolicy(SyncPolicy policy) {
      syncPolicy = policy;
      return this;
    }

    /** Time in ms between two forces for {@link SyncPolicy#INTERVAL}. */
    public Builder syncIntervalMs(int ms) {
      syncIntervalMs = ms;
      return this;
    }

    /** Free bytes below which nothing is appended; appends go on with a quarter more. */
    public Builder minFreeBytes(long bytes) {
      minFreeBytes = bytes;
      resumeFreeBytes = bytes + bytes / 4;
      return this;
    }

    /** Free bytes from which on events are appended again. Set after {@link #minFreeBytes}. */
    public Builder resumeFreeBytes(long bytes) {
      resumeFreeBytes = bytes;
      return this;
    }

    /** Bytes of the newest files of which a start checks every record. */
    public Builder startScanBytes(long bytes) {
      startScanBytes = bytes;
      return this;
    }

    /** The time. */
    public Builder clock(InstantSource source) {
      clock = source;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if an option is out of its bounds
     */
    public ChronicleJournalOptions build() {
      return new ChronicleJournalOptions(
          directory,
          rollMs,
          rollBytes,
          blockSize,
          tailBytes,
          maxAgeMs,
          maxDiskBytes,
          maxEventsPerChannel,
          maxChannelHeads,
          syncPolicy,
          syncIntervalMs,
          minFreeBytes,
          resumeFreeBytes,
          startScanBytes,
          clock);
    }
  }
}
