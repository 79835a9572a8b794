package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.journal.Epochs;
import io.ssegateway.engine.journal.EventTail;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A journal on disk, on Chronicle Queue: survives the end of the process, and with {@link
 * SyncPolicy#BATCH} the end of the machine. Threading as {@link Journal} says.
 *
 * <p>It needs the JVM options that the manifest of the gateway's jar grants; see the page on the
 * journal in the documentation.
 */
public final class ChronicleJournal implements Journal {
  private static final Logger LOG = LoggerFactory.getLogger(ChronicleJournal.class);
  private static final int RECORD_SLACK = 64 * 1024;
  private static final long START_BYTES = 1024 * 1024;

  private final ChronicleJournalOptions options;
  private final DirectoryLock lock;
  private final JournalState state;
  private final EventTail tail;
  private final JournalAppender appender;
  private final Watermark watermark;
  private final FileForce force;
  private final SpaceGuard guard;
  private final Retention retention;
  private final String epoch;
  private final int maxRecordBytes;
  private final long rollBytes;

  private volatile long newestPosition;
  private volatile long sizeBytes;
  private volatile long oldestTimeMs;
  private volatile boolean closed;

  /** Why the queue takes nothing until it is mended, or null. */
  private volatile @Nullable String failure;

  private final AtomicLong unreadable = new AtomicLong();

  // the journal thread's own
  private long rolledAtMs;
  private boolean unsynced;
  private long syncedAtMs;
  private @Nullable Thread headsWriter;

  private ChronicleJournal(
      ChronicleJournalOptions options,
      DirectoryLock lock,
      JournalState state,
      JournalAppender appender,
      Watermark watermark,
      FileForce force,
      SpaceGuard guard,
      String epoch) {
    this.options = options;
    this.lock = lock;
    this.state = state;
    this.appender = appender;
    this.watermark = watermark;
    this.force = force;
    this.guard = guard;
    this.epoch = epoch;
    this.newestPosition = state.newestEvent;
    this.tail = new EventTail(options.tailBytes(), options.maxAgeMs(), newestPosition);
    this.retention = new Retention(state, appender, options, LOG);
    this.maxRecordBytes = options.blockSize() / 4 - RECORD_SLACK;
    this.rollBytes = options.effectiveRollBytes();
    this.rolledAtMs = options.clock().millis();
    this.sizeBytes = retention.diskBytes();
    this.oldestTimeMs = state.files.oldestTimeAfter(state.deletedUpTo);
  }

  /**
   * Opens the journal of a directory, or begins one. Reads what is there first; if that is damaged,
   * a new epoch begins with what is intact, and the old files are kept aside.
   *
   * @throws JournalException if the directory is in use, or cannot be read or written
   */
  public static ChronicleJournal open(ChronicleJournalOptions options) {
    return open(options, null, new FileForce());
  }

  /**
   * Opens the journal.
   *
   * @param space tells the free space, or null for the directory's file system
   */
  static ChronicleJournal open(
      ChronicleJournalOptions options, @Nullable FreeSpace space, FileForce force) {
    ChronicleSetup.apply();
    Path home = options.directory();
    FreeSpace probe;
    try {
      Files.createDirectories(home);
      probe = space == null ? FreeSpace.of(home) : space;
    } catch (IOException e) {
      throw new JournalException(
          "journal directory "
              + home.toAbsolutePath()
              + " cannot be made: "
              + e
              + " (expected: a directory that this user may write)",
          e);
    }
    DirectoryLock lock = DirectoryLock.take(home);
    boolean opened = false;
    try {
      ChronicleJournal journal = open(options, probe, force, lock);
      opened = true;
      return journal;
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  private static ChronicleJournal open(
      ChronicleJournalOptions options, FreeSpace space, FileForce force, DirectoryLock lock) {
    Path home = options.directory();
    long startNs = System.nanoTime();
    Rebuild.finishEarlier(home);
    Path queue = Rebuild.queue(home);
    createQueue(queue);
    StartScan scan = StartScan.run(queue, options.maxChannelHeads(), options.startScanBytes());
    String problem = scan.problem;
    if (problem != null) {
      Rebuild.run(home, options, space, problem, LOG);
      scan = StartScan.run(queue, options.maxChannelHeads(), options.startScanBytes());
      if (scan.problem != null) {
        throw new JournalException(
            "journal " + home + " could not be mended: " + scan.problem + " (move it aside)");
      }
    }
    JournalState state = scan.state();
    String epoch = state.epoch == null ? Epochs.random() : state.epoch;
    long now = options.clock().millis();
    SpaceGuard guard =
        new SpaceGuard(space, options.minFreeBytes(), options.resumeFreeBytes(), LOG);
    guard.check();
    requireRoom(home, space);
    int newest = Position.cycle(state.lastPosition);
    Watermark watermark = Watermark.open(queue, state.lastPosition);
    JournalAppender appender = null;
    try {
      appender =
          new JournalAppender(
              state,
              new QueueWriter(queue, options.blockSize(), QueueNames.cycleAt(now, newest + 1)),
              epoch);
      appender.begin(now);
      LOG.info(
          "journal {} of epoch {} is open: {} files, {} channels, newest position {}, {} ms",
          home,
          epoch,
          state.files.count(),
          state.heads.size(),
          state.newestEvent,
          (System.nanoTime() - startNs) / 1_000_000);
      return new ChronicleJournal(options, lock, state, appender, watermark, force, guard, epoch);
    } catch (RuntimeException | Error e) {
      watermark.close();
      if (appender != null) {
        appender.close();
      }
      throw e;
    }
  }

  /** A file that cannot even be begun would take the process down. */
  private static void requireRoom(Path home, FreeSpace space) {
    try {
      long usable = space.usableBytes();
      if (usable < START_BYTES) {
        throw new JournalException(
            "journal directory "
                + home.toAbsolutePath()
                + " has "
                + usable
                + " bytes free (expected: >= "
                + START_BYTES
                + " to begin a file; make room)");
      }
    } catch (IOException e) {
      throw new JournalException("free space of " + home + " cannot be told: " + e, e);
    }
  }

  private static void createQueue(Path queue) {
    try {
      Files.createDirectories(queue);
    } catch (IOException e) {
      throw new JournalException("journal directory " + queue + " cannot be made: " + e, e);
    }
  }

  @Override
  public String name() {
    return "chronicle";
  }

  @Override
  public String epoch() {
    return epoch;
  }

  @Override
  public long newestPosition() {
    return newestPosition;
  }

  @Override
  public long oldestPosition() {
    return state.files.oldestEventAfter(state.deletedUpTo);
  }

  @Override
  public long newestPosition(String channel) {
    ChannelHead head = state.heads.get(channel);
    return head == null ? 0 : head.position;
  }

  /** Bytes on disk, as of the last upkeep. */
  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public long oldestTimeMs() {
    return oldestTimeMs;
  }

  @Override
  public long freeBytes() {
    return guard.freeBytes();
  }

  @Override
  public @Nullable String refusesBecause() {
    String refusal = guard.refusal();
    return refusal == null ? failure : refusal;
  }

  @Override
  public Map<String, String> sourceOffsets() {
    return Map.copyOf(state.sourceOffsets);
  }

  @Override
  public void append(JournalEntry entry) {
    requireOpen();
    int length = appender.begin(entry);
    if (length > maxRecordBytes) {
      entry.refused(
          Refusal.RECORD_TOO_LARGE,
          "record: " + length + " bytes (expected: at most " + maxRecordBytes + ")");
      return;
    }
    String refusal = guard.append(length);
    if (refusal != null) {
      entry.refused(Refusal.JOURNAL_FULL, refusal);
      return;
    }
    String failed = failure;
    if (failed != null) {
      entry.refused(Refusal.JOURNAL_FAILED, failed);
      return;
    }
    boolean interrupted = Thread.interrupted(); // it would close the queue's channels
    try {
      if (appender.file().endOffset + length > rollBytes && appender.file().hasEvents()) {
        roll(options.clock().millis());
      }
      long position = appender.append(entry);
      unsynced = true;
      ChannelHead head = appender.head();
      head.recent =
          tail.append(
              position,
              Math.abs(appender.previous()),
              entry.channel(),
              head.recent,
              entry.publishTimeMs(),
              entry.buffer(),
              entry.bodyOffset(),
              entry.bodyLength());
      entry.journalled(position);
    } catch (QueueWriter.NoRoomException e) {
      noteFailure(e);
      entry.refused(Refusal.JOURNAL_FULL, String.valueOf(e.getMessage()));
    } catch (Throwable e) {
      noteFailure(e);
      throw e;
    } finally {
      restoreInterrupt(interrupted);
    }
  }

  private static void restoreInterrupt(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void noteFailure(Throwable e) {
    if (appender.isBroken()) {
      failure = "the queue failed, and is opened again: " + e;
    }
  }

  /** Opens the queue again after a failure; the next upkeep tries once more if that fails. */
  private void mend(long nowMs) {
    if (failure == null || guard.refusal() != null) {
      return;
    }
    try {
      appender.mend(options.blockSize(), nowMs);
      rolledAtMs = nowMs;
      unsynced = true;
      failure = null;
      LOG.warn("journal {} takes events again, in file {}", options.directory(), appender.file());
    } catch (RuntimeException | Error e) {
      failure = "the queue failed, and could not be opened again: " + e;
      LOG.error("journal {} could not be opened again", options.directory(), e);
    }
  }

  @Override
  public void commit() {
    if (unsynced && options.syncPolicy() == SyncPolicy.BATCH) {
      sync();
    }
    watermark.set(state.lastPosition);
    newestPosition = state.newestEvent;
    if (unsynced && options.syncPolicy() == SyncPolicy.INTERVAL) {
      syncIfDue();
    }
  }

  private void syncIfDue() {
    long now = options.clock().millis();
    long since = now - syncedAtMs;
    if (since >= options.syncIntervalMs() || since < 0) {
      syncedAtMs = now;
      sync();
    }
  }

  private void sync() {
    try {
      force.force(appender.file().path);
      unsynced = false;
    } catch (IOException e) {
      throw new JournalException(
          "journal file " + appender.file().path + " cannot be forced to the disk: " + e, e);
    }
  }

  private void roll(long nowMs) {
    if (!guard.hasRoom(START_BYTES)) {
      throw new QueueWriter.NoRoomException("disk full: no room to begin a file", null);
    }
    if (options.syncPolicy() != SyncPolicy.NONE) {
      sync();
    }
    guard.check();
    long position = state.lastPosition;
    try {
      appender.roll(nowMs);
    } catch (Throwable e) {
      noteFailure(e);
      throw e;
    }
    rolledAtMs = nowMs;
    unsynced = true;
    retention.apply(nowMs);
    sizeBytes = retention.diskBytes();
    if (sizeBytes > options.startScanBytes() / 2) {
      writeHeads(HeadsFile.Moment.of(state, epoch, position, state.newestEvent));
    }
  }

  private boolean canRoll() {
    return refusesBecause() == null && guard.hasRoom(START_BYTES);
  }

  /** Leaves a note for the next start, unless one is being written. */
  private void writeHeads(HeadsFile.Moment moment) {
    Thread before = headsWriter;
    if (before != null && before.isAlive()) {
      return;
    }
    Thread writer =
        new Thread(
            () -> {
              try {
                HeadsFile.write(Rebuild.queue(options.directory()), moment, state.heads);
              } catch (IOException e) {
                LOG.warn("journal {}: the next start will be slow: {}", options.directory(), e);
              }
            },
            "sse-journal-heads");
    writer.setDaemon(true);
    headsWriter = writer;
    writer.start();
  }

  @Override
  public void maintain() {
    requireOpen();
    boolean interrupted = Thread.interrupted();
    try {
      maintain(options.clock().millis());
    } finally {
      restoreInterrupt(interrupted);
    }
  }

  private void maintain(long now) {
    guard.check();
    mend(now);
    if (unsynced && options.syncPolicy() == SyncPolicy.INTERVAL) {
      syncIfDue();
    }
    long age = now - rolledAtMs;
    if (age < 0) {
      rolledAtMs = now; // the clock was put back: the file's age counts anew
    } else if (age >= options.rollMs() && appender.file().hasEvents() && canRoll()) {
      roll(now);
    }
    retention.apply(now);
    sizeBytes = retention.diskBytes();
    oldestTimeMs = state.files.oldestTimeAfter(state.deletedUpTo);
    state.heads.maintain();
    tail.maintain(now);
  }

  @Override
  public JournalReader open(Collection<String> channels, long after, int maxEvents) {
    requireOpen();
    int kept = options.maxEventsPerChannel();
    boolean byRetention = kept > 0 && (maxEvents == 0 || kept <= maxEvents);
    return new ChronicleReader(
        this,
        state,
        tail,
        channels,
        after,
        byRetention ? kept : maxEvents,
        byRetention ? GapReason.EXPIRED : GapReason.LIMIT);
  }

  void requireOpen() {
    if (closed) {
      throw new JournalException("journal " + options.directory() + " is closed");
    }
  }

  /**
   * Is told of a record that a reader could not read. That is damage unless its file was removed in
   * the meantime. The client is told of a gap in either case; the log hears of the first, the
   * second, the fourth.
   */
  void unreadable(long position) {
    if (state.files.contains(position)) {
      long count = unreadable.incrementAndGet();
      if (Long.bitCount(count) == 1) {
        LOG.error(
            "journal {}: {} damaged records were met, this time at position {}; who asks for them"
                + " is told of a gap",
            options.directory(),
            count,
            Position.toString(position));
      }
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    boolean interrupted = Thread.interrupted();
    try {
      awaitHeads();
      if (unsynced && options.syncPolicy() != SyncPolicy.NONE) {
        sync();
      }
      force.close();
    } catch (IOException e) {
      throw new JournalException("journal " + options.directory() + " cannot be closed: " + e, e);
    } finally {
      appender.close();
      watermark.close();
      state.files.retireAll();
      lock.close();
      restoreInterrupt(interrupted);
    }
  }

  private void awaitHeads() {
    Thread writer = headsWriter;
    if (writer == null) {
      return;
    }
    try {
      writer.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
