package io.ssegateway.engine;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.Sequence;
import io.ssegateway.engine.frame.EventId;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.MemoryJournal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fan-out engine: ring, journal, lanes, replay. Knows no network; see the package for the way
 * of an event.
 *
 * <p>Thread-safe. The life of an engine is {@link #builder}, {@link #start}, perhaps {@link
 * #drain}, {@link #close}. The engine owns the journal and the sources it was given and closes
 * them.
 */
public final class Engine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
  private static final int MAX_LANES = 64;
  private static final int MAX_JOURNAL_BATCH = 1024;
  private static final int TICK_MS = 1000;

  /** Longest wait for a close that another thread is at: it has bounds of its own, of 5 s each. */
  private static final long CLOSE_WAIT_NS = TimeUnit.SECONDS.toNanos(30);

  private enum Stage {
    NEW,
    RUNNING,
    DRAINING,
    CLOSED
  }

  private final EngineOptions options;
  private final Journal journal;
  private final List<MessageSource> sources;
  private final Counters counters = new Counters();
  private final Timings timings = new Timings();
  private final SourceEvents sourceEvents;
  private final SubscriberDirectory directory;
  private final EventRing ring;
  private final LaneSignals lanes;
  private final ReplayService replayService;
  private final BatchEventProcessor<RingEvent> journalProcessor;
  private final Thread journalThread;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(NamedThreads.daemon("sse-engine-clock", false));
  private final AtomicLong connectionIds = new AtomicLong();
  private final AtomicLong nextLane = new AtomicLong();
  private final List<ThreadLaneExecutor> ownExecutors = new ArrayList<>();
  private final int ownLanes;
  private volatile Stage stage = Stage.NEW;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable Thread closer;
  private boolean sourcesClosed;

  private Engine(Builder builder) {
    this.options = builder.options;
    this.journal = builder.journal == null ? new MemoryJournal() : builder.journal;
    this.sources = List.copyOf(builder.sources);
    requireNamesOnce(sources);
    this.ownLanes = builder.lanes;
    this.sourceEvents = new SourceEvents(sources, counters, LOG);
    this.directory = new SubscriberDirectory(sourceEvents);
    this.ring =
        new EventRing(
            options.ringSize(),
            options.slotBytes(),
            options.largeEventBytes(),
            options.maxPayloadBytes(),
            options.traceContext(),
            options.waitStrategy().create(),
            journal,
            options.clock(),
            counters);
    this.lanes = new LaneSignals(ring, directory);
    this.replayService = new ReplayService(journal, options, counters, LOG);
    this.journalProcessor =
        ring.newJournalProcessor(
            new JournalHandler(journal, ring, lanes, counters.newSet(), timings, LOG),
            Math.min(MAX_JOURNAL_BATCH, options.ringSize() / 2));
    journalProcessor.setExceptionHandler(new Containment());
    this.journalThread = NamedThreads.daemon("sse-journal", false).newThread(journalProcessor);
  }

  /** A name stands for one source in metrics, and in the journal for one place in its backend. */
  private static void requireNamesOnce(List<MessageSource> sources) {
    Set<String> names = new HashSet<>();
    for (MessageSource source : sources) {
      if (!names.add(source.name())) {
        throw new IllegalArgumentException(
            "sources: two named \"" + source.name() + "\" (expected: a name for each)");
      }
    }
  }

  /** An engine with a journal in memory, one lane of its own, no sources, and the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts threads and sources.
   *
   * @throws IllegalStateException if the engine was started before
   * @throws EngineException if the journal or a source cannot start; everything is closed then
   */
  public void start() {
    synchronized (this) {
      if (stage != Stage.NEW) {
        throw new IllegalStateException("engine is " + stage + " (expected: NEW)");
      }
      stage = Stage.RUNNING;
    }
    for (int i = 0; i < ownLanes; i++) {
      ThreadLaneExecutor executor = new ThreadLaneExecutor(i);
      ownExecutors.add(executor);
      addLane(executor);
    }
    journalThread.start();
    ring.openForPublishing();
    String part = "journal " + journal.name();
    try {
      journal.start(ring);
      clock.scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
      SourceContext context = new SourceContext(ring, directory, journal.sourceOffsets());
      for (MessageSource source : sources) {
        part = "source " + source.name();
        source.start(context);
      }
    } catch (Throwable e) {
      close();
      throw new EngineException(part + " cannot start: " + e.getMessage(), e);
    }
  }

  private void tick() {
    try {
      ring.tick();
    } catch (RuntimeException e) {
      LOG.error("engine tick failed", e);
    }
  }

  /**
   * Adds a lane that runs on the executor.
   *
   * @throws IllegalStateException if there are 64 lanes already
   */
  public Lane addLane(LaneExecutor executor) {
    Objects.requireNonNull(executor, "executor");
    long index = nextLane.getAndIncrement();
    if (index >= MAX_LANES) {
      throw new IllegalStateException("lanes: " + (index + 1) + " (expected: at most 64)");
    }
    Lane lane = new Lane(this, (int) index, executor);
    lane.join();
    lanes.add(lane);
    return lane;
  }

  /** The way in. */
  public EventPublisher publisher() {
    return ring;
  }

  /** Tells who listens. */
  public LocalSubscribers subscribers() {
    return directory;
  }

  /** The journal. */
  public Journal journal() {
    return journal;
  }

  /** The options it was built with. */
  public EngineOptions options() {
    return options;
  }

  /** The sources it was built with. */
  public List<MessageSource> sources() {
    return sources;
  }

  /** The id of a position, as clients see it. */
  public String eventId(long position) {
    return EventId.format(journal.epoch(), position);
  }

  /**
   * Listens to channels from inside the process, on one of the engine's own lanes, or on any other
   * if it has none.
   *
   * @param channels at least one
   * @param lastEventId the id after which to go on, or null to begin now
   * @throws IllegalArgumentException if a name cannot be a channel's
   * @throws IllegalStateException if the engine is not running or has no lane
   */
  public Subscription subscribe(
      Collection<String> channels, @Nullable String lastEventId, Subscriber subscriber) {
    if (channels.isEmpty()) {
      throw new IllegalArgumentException("channels: none (expected: at least one)");
    }
    channels.forEach(Message::requireChannel);
    List<String> names = List.copyOf(channels);
    Lane[] all = lanes.lanes();
    if (stage != Stage.RUNNING || all.length == 0) {
      throw new IllegalStateException(
          "engine is " + stage + " with " + all.length + " lanes (expected: RUNNING with a lane)");
    }
    Lane lane = all[(int) (connectionIds.get() % all.length)];
    SubscriberOutlet outlet = new SubscriberOutlet(lane, subscriber, LOG);
    CompletableFuture<Void> connected = new CompletableFuture<>();
    Runnable connect =
        () -> {
          try {
            outlet.opened(lane.connect(names, lastEventId, outlet));
            connected.complete(null);
          } catch (RuntimeException e) {
            connected.completeExceptionally(e);
          }
        };
    if (lane.executor().inLane()) {
      connect.run();
    } else {
      lane.executor().execute(connect);
    }
    try {
      connected.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
    return outlet;
  }

  /** A counter's value. */
  public long count(Counter counter) {
    return counters.get(counter);
  }

  /** How long something took, until now. */
  public TimeHistogram timing(Timing timing) {
    return timings.get(timing);
  }

  /** Connections that read the journal, as of the last look at each, which is at most 1 s old. */
  public int replaying() {
    return lanes.sum(lane -> lane.load().replaying());
  }

  /** Connections whose sockets owe bytes, as of the last look at each. */
  public int pendingConnections() {
    return lanes.sum(lane -> lane.load().pendingConnections());
  }

  /** Bytes that sockets owe, as of the last look at each. */
  public long pendingBytes() {
    long sum = 0;
    for (Lane lane : lanes.lanes()) {
      sum += lane.load().pendingBytes();
    }
    return sum;
  }

  /** Events that the ring can still take. */
  public long ringRemaining() {
    return ring.remainingCapacity();
  }

  /** Whether it takes messages: started, and neither draining nor closed. */
  public boolean isRunning() {
    return stage == Stage.RUNNING;
  }

  /** Whether it drains. */
  public boolean isDraining() {
    return stage == Stage.DRAINING;
  }

  /**
   * What is wrong, for people to read: sources that are down, a journal that takes nothing, a
   * drain. Empty if the engine is able to take traffic.
   */
  public List<String> troubles() {
    List<String> troubles = new ArrayList<>();
    if (stage != Stage.RUNNING) {
      troubles.add("engine is " + stage.name().toLowerCase(java.util.Locale.ROOT));
    }
    String refusal = journal.refusesBecause();
    if (refusal != null) {
      troubles.add("journal " + journal.name() + ": " + refusal);
    }
    for (MessageSource source : sources) {
      SourceHealth health = source.health();
      if (!health.up()) {
        troubles.add("source " + source.name() + ": " + health.detail());
      }
    }
    return troubles;
  }

  /**
   * Lists connections, lane by lane, oldest place first.
   *
   * @param offset connections to pass over
   * @param limit most connections to answer
   */
  public CompletableFuture<List<ConnectionInfo>> connections(int offset, int limit) {
    return connections(ConnectionQuery.page(offset, limit)).thenApply(ConnectionPage::rows);
  }

  /** Lists connections. The walk is cut in slices, so that no lane is held up by it. */
  public CompletableFuture<ConnectionPage> connections(ConnectionQuery query) {
    return new ConnectionSearch(lanes.lanes(), query).start();
  }

  /**
   * Ends a connection.
   *
   * @param id its number
   * @return whether there was one
   */
  public CompletableFuture<Boolean> closeConnection(long id, CloseReason reason) {
    return new ConnectionFinder(lanes.lanes(), id).start(connection -> connection.close(reason));
  }

  /**
   * Stops the sources and the publisher, waits until everything published is routed, and ends the
   * connections spread over a time. Blocks until that is done; not to be called on a lane.
   *
   * @param spread time over which connections are ended
   * @return false if not all was done within the spread and 10 s more
   */
  public boolean drain(Duration spread) {
    synchronized (this) {
      if (stage != Stage.RUNNING) {
        return stage == Stage.CLOSED;
      }
      stage = Stage.DRAINING;
    }
    long deadline = System.nanoTime() + spread.toNanos() + TimeUnit.SECONDS.toNanos(10);
    closeSources();
    ring.closeForPublishing();
    boolean routed = awaitRouted(deadline);
    Lane[] all = lanes.lanes();
    CountDownLatch drained = new CountDownLatch(all.length);
    for (Lane lane : all) {
      lane.drain(spread.toMillis(), drained::countDown);
    }
    return await(drained, deadline) && routed;
  }

  private boolean awaitRouted(long deadline) {
    while (System.nanoTime() < deadline && !Thread.currentThread().isInterrupted()) {
      boolean all = journalProcessor.getSequence().get() >= ring.cursor();
      for (Lane lane : lanes.lanes()) {
        all &= lane.hasRoutedEverything();
        lane.signal();
      }
      if (all) {
        return true;
      }
      LockSupport.parkNanos(1_000_000);
    }
    LOG.warn("drain: not everything published could be routed in time");
    return false;
  }

  private static boolean await(CountDownLatch latch, long deadline) {
    try {
      return latch.await(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void closeSources() {
    synchronized (sources) {
      if (sourcesClosed) {
        return;
      }
      sourcesClosed = true;
    }
    sourceEvents.close(); // first: a source that is closed is told nothing more
    for (MessageSource source : sources) {
      contain("source " + source.name() + " failed to close", source);
    }
  }

  /**
   * Ends everything at once; what is in the ring is journalled first. Calls after the first wait
   * until that is done, except those that it makes itself.
   */
  @Override
  public void close() {
    Stage before;
    synchronized (this) {
      before = stage;
      stage = Stage.CLOSED;
      if (before != Stage.CLOSED) {
        closer = Thread.currentThread();
      }
    }
    if (before == Stage.CLOSED) {
      if (closer != Thread.currentThread()) {
        await(closed, System.nanoTime() + CLOSE_WAIT_NS);
      }
      return;
    }
    try {
      closeNow(before);
    } finally {
      closed.countDown();
    }
  }

  private void closeNow(Stage before) {
    closeSources();
    ring.closeForPublishing();
    clock.shutdownNow();
    if (before != Stage.NEW) {
      endPipeline();
    }
    replayService.close();
    ownExecutors.forEach(ThreadLaneExecutor::stop);
    contain("journal " + journal.name() + " failed to close", journal);
  }

  private void endPipeline() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    Lane[] all = lanes.lanes();
    CountDownLatch ended = new CountDownLatch(all.length);
    for (Lane lane : all) {
      lane.shutdown(ended::countDown);
    }
    if (!await(ended, deadline)) {
      LOG.warn("{} lanes did not end within 5 s", ended.getCount());
    }
    for (Lane lane : all) {
      lanes.remove(lane);
      lane.leaveRing();
    }
    while (journalProcessor.getSequence().get() < ring.cursor()
        && System.nanoTime() < deadline + TimeUnit.SECONDS.toNanos(5)) {
      LockSupport.parkNanos(100_000);
    }
    journalProcessor.halt();
    try {
      journalThread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void contain(String what, AutoCloseable action) {
    try {
      action.close();
    } catch (Exception e) {
      counters.addShared(Counter.CONTAINED_FAILURES, 1);
      LOG.error(what, e);
    }
  }

  EventRing ring() {
    return ring;
  }

  Sequence journalSequence() {
    return journalProcessor.getSequence();
  }

  SubscriberDirectory directory() {
    return directory;
  }

  Counters counters() {
    return counters;
  }

  Timings timings() {
    return timings;
  }

  SourceEvents sourceEvents() {
    return sourceEvents;
  }

  ReplayService replayService() {
    return replayService;
  }

  long nextConnectionId() {
    return connectionIds.incrementAndGet();
  }

  /** The last line: whatever a handler lets out is counted and logged, and the ring goes on. */
  private final class Containment implements ExceptionHandler<RingEvent> {
    @Override
    public void handleEventException(Throwable e, long sequence, RingEvent event) {
      counters.addShared(Counter.CONTAINED_FAILURES, 1);
      LOG.error("journal handler failed at sequence {}", sequence, e);
    }

    @Override
    public void handleOnStartException(Throwable e) {
      LOG.error("journal thread failed to start", e);
    }

    @Override
    public void handleOnShutdownException(Throwable e) {
      LOG.error("journal thread failed to stop", e);
    }
  }

  /** Builds an {@link Engine}. Not thread-safe. */
  public static final class Builder {
    private static final String AGRONA_NEEDS = "jdk.internal.misc";

    private EngineOptions options = EngineOptions.DEFAULTS;
    private @Nullable Journal journal;
    private final List<MessageSource> sources = new ArrayList<>();
    private int lanes = 1;

    private Builder() {}

    /** Sets the options. */
    public Builder options(EngineOptions options) {
      this.options = Objects.requireNonNull(options);
      return this;
    }

    /** Sets the journal; the engine closes it. */
    public Builder journal(Journal journal) {
      this.journal = Objects.requireNonNull(journal);
      return this;
    }

    /** Adds a source; the engine starts and closes it. */
    public Builder source(MessageSource source) {
      sources.add(Objects.requireNonNull(source));
      return this;
    }

    /**
     * Sets the number of lanes on threads of the engine's own, for subscribers in the process; 0 if
     * all lanes are added by {@link Engine#addLane}.
     */
    public Builder lanes(int count) {
      if (count < 0 || count > MAX_LANES) {
        throw new IllegalArgumentException("lanes: " + count + " (expected: 0 to 64)");
      }
      lanes = count;
      return this;
    }

    /**
     * Builds the engine; nothing runs until {@link Engine#start}.
     *
     * @throws IllegalArgumentException if two sources have one name
     * @throws EngineException if the JVM lacks the flag that Agrona needs
     */
    public Engine build() {
      requireAccessOfAgrona();
      return new Engine(this);
    }

    /** Agrona by itself would fail with what happened, and not with what to do. */
    private static void requireAccessOfAgrona() {
      Module agrona = DirectBuffer.class.getModule();
      if (!Object.class.getModule().isExported(AGRONA_NEEDS, agrona)) {
        throw new EngineException(
            "the JVM lacks a flag that Agrona needs: --add-opens java.base/"
                + AGRONA_NEEDS
                + "="
                + (agrona.isNamed() ? agrona.getName() : "ALL-UNNAMED"),
            null);
      }
    }
  }
}
