package io.ssegateway.engine;

import static org.awaitility.Awaitility.await;

import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalEntry;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.engine.journal.Refusal;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * An engine whose lanes are stepped by hand. Its journal thread and its replay threads are real:
 * publishing waits until the lanes may see the event, and replay threads can be held.
 */
final class LaneHarness implements AutoCloseable {
  static final String EPOCH = "test";

  final Engine engine;
  final HeldJournal journal;
  private final ManualLaneExecutor[] executors;
  private final Lane[] lanes;

  LaneHarness(int laneCount, EngineOptions options, Journal journal) {
    this.journal = new HeldJournal(journal);
    this.engine = Engine.builder().options(options).journal(this.journal).lanes(0).build();
    engine.start();
    executors = new ManualLaneExecutor[laneCount];
    lanes = new Lane[laneCount];
    for (int i = 0; i < laneCount; i++) {
      executors[i] = new ManualLaneExecutor();
      lanes[i] = engine.addLane(executors[i]);
      executors[i].runAll();
    }
  }

  LaneHarness(int laneCount) {
    this(laneCount, options().build(), memory(1 << 20));
  }

  static EngineOptions.Builder options() {
    return EngineOptions.DEFAULTS.toBuilder().ringSize(1024).heartbeatMs(0).replayThreads(1);
  }

  static MemoryJournal memory(long maxBytes) {
    return new MemoryJournal(maxBytes, 0, EPOCH, java.time.InstantSource.system());
  }

  static String id(long position) {
    return EPOCH + "-" + position;
  }

  Lane lane(int index) {
    return lanes[index];
  }

  ManualLaneExecutor executor(int index) {
    return executors[index];
  }

  /** Begins a connection on a lane, without a turn for what follows. */
  Connection connect(int lane, String lastEventId, Outlet outlet, String... channels) {
    CompletableFuture<Connection> connection = new CompletableFuture<>();
    executors[lane].runNow(
        () -> connection.complete(lanes[lane].connect(List.of(channels), lastEventId, outlet)));
    return connection.join();
  }

  /** Publishes and answers the position; the lanes can see the event, but had no turn yet. */
  long publish(String channel, String data) {
    return publishAll(List.of(Message.builder().channel(channel).data(data).build()));
  }

  /** Publishes messages next to each other and answers the position of the last. */
  long publishAll(List<Message> messages) {
    CompletableFuture<Long> journalled = new CompletableFuture<>();
    PublishListener listener =
        new PublishListener() {
          @Override
          public void onJournalled(int index, long position) {
            if (index == messages.size() - 1) {
              journalled.complete(position);
            }
          }

          @Override
          public void onRefused(int index, Refusal refusal, String detail) {
            journalled.completeExceptionally(new AssertionError(refusal + ": " + detail));
          }
        };
    PublishResult result = engine.publisher().publish(messages, listener);
    if (result != PublishResult.PUBLISHED) {
      throw new AssertionError(result + " at " + messages.get(0));
    }
    long position = journalled.join();
    awaitVisible();
    return position;
  }

  /** Waits until the lanes may see everything that is in the ring. */
  void awaitVisible() {
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> engine.journalSequence().get() >= engine.ring().cursor());
  }

  /** Gives every lane its turn until none has anything to do. */
  void turn() {
    for (ManualLaneExecutor executor : executors) {
      executor.runAll();
    }
  }

  /** Waits for a replay thread and gives the lane its turn, until the condition holds. */
  void turnUntil(BooleanSupplier condition) {
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              turn();
              return condition.getAsBoolean();
            });
  }

  void turnUntilLive(Connection connection) {
    turnUntil(() -> connection.state() == Connection.State.LIVE);
  }

  @Override
  public void close() {
    journal.release();
    AtomicBoolean closed = new AtomicBoolean();
    Thread closer =
        new Thread(
            () -> {
              engine.close();
              closed.set(true);
            },
            "harness-close");
    closer.setDaemon(true);
    closer.start();
    turnUntil(closed::get);
  }

  /** A journal whose reads can be held, and whose appends and commits can be made to fail. */
  static final class HeldJournal implements Journal {
    private final Journal journal;
    private final Semaphore reads = new Semaphore(Integer.MAX_VALUE);
    private final Semaphore commits = new Semaphore(Integer.MAX_VALUE);
    volatile RuntimeException failAppend;
    volatile RuntimeException failCommit;
    volatile RuntimeException failRead;

    HeldJournal(Journal journal) {
      this.journal = journal;
    }

    /** Holds reads until {@link #allowRead} or {@link #release}. */
    void holdReads() {
      reads.drainPermits();
    }

    void allowRead() {
      reads.release();
    }

    /** Holds commits until {@link #release}. */
    void holdCommits() {
      commits.drainPermits();
    }

    void release() {
      reads.drainPermits();
      reads.release(Integer.MAX_VALUE);
      commits.drainPermits();
      commits.release(Integer.MAX_VALUE);
    }

    @Override
    public String name() {
      return journal.name();
    }

    @Override
    public String epoch() {
      return journal.epoch();
    }

    @Override
    public long newestPosition() {
      return journal.newestPosition();
    }

    @Override
    public long oldestPosition() {
      return journal.oldestPosition();
    }

    @Override
    public long sizeBytes() {
      return journal.sizeBytes();
    }

    @Override
    public void append(JournalEntry entry) {
      RuntimeException failure = failAppend;
      if (failure != null) {
        throw failure;
      }
      journal.append(entry);
    }

    @Override
    public void commit() {
      RuntimeException failure = failCommit;
      if (failure != null) {
        throw failure;
      }
      commits.acquireUninterruptibly();
      journal.commit();
    }

    @Override
    public void maintain() {
      journal.maintain();
    }

    @Override
    public JournalReader open(Collection<String> channels, long after, int maxEvents) {
      JournalReader reader = journal.open(channels, after, maxEvents);
      return new JournalReader() {
        @Override
        public boolean read(long upTo, io.ssegateway.engine.journal.ReplaySink sink) {
          try {
            reads.acquire();
          } catch (InterruptedException e) {
            throw new IllegalStateException("closed while held", e);
          }
          RuntimeException failure = failRead;
          if (failure != null) {
            throw failure;
          }
          return reader.read(upTo, sink);
        }

        @Override
        public void close() {
          reader.close();
        }
      };
    }

    @Override
    public void close() {
      journal.close();
    }
  }
}
