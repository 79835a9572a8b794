package io.ssegateway.engine;

import com.lmax.disruptor.Sequence;
import io.ssegateway.engine.Connection.State;
import io.ssegateway.engine.frame.EventId;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.Journal;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A single-threaded owner of connections, and a consumer of the ring behind the journal. Runs on a
 * {@link LaneExecutor}, an event loop as a rule; the engine knows lanes, not what they run on.
 *
 * <p>It takes the ring's events in batches, looks the channels up and hands the bytes to the
 * connections that are LIVE. After a number of writes it lets other work of its thread have its
 * turn. A batch is over, and its place in the ring free, when every connection was offered it.
 *
 * <p>Every method is to be called on the lane's thread, except those that say otherwise.
 */
public final class Lane implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  /** Most events of one batch. */
  private static final int MAX_BATCH_EVENTS = 1024;

  private static final long NS_A_MS = 1_000_000;

  /** Notes of who gets what after which a batch is cut: bounds its memory. */
  private static final int MAX_BATCH_NODES = 64 * 1024;

  /** Writes after which the thread's other work has its turn. */
  static final int SLICE_WRITES = 1024;

  private final Engine engine;
  private final int index;
  private final LaneExecutor executor;
  private final EventRing ring;
  private final Sequence journalled;

  /** Events for which a batch does not wait: more would not fit it, or hold the ring up. */
  private final int fullBatch;

  private final SubscriberDirectory directory;
  private final CounterSet counters;

  // shared with other threads
  private volatile boolean joined;
  private final Sequence sequence = new Sequence();
  private final AtomicBoolean signalled = new AtomicBoolean();

  // the lane's own
  private final Map<String, ChannelEntry> channels = new HashMap<>();
  private final ChannelEntry everyone = new ChannelEntry("");
  private final ReadAhead readAhead = new ReadAhead();
  private final Batch batch;
  private final List<Connection> leavers = new ArrayList<>();
  private final List<Connection> aheadOfLane = new ArrayList<>();
  private final LaneUpkeep upkeep;
  private final JournalWatch journalWatch = new JournalWatch();
  private final Gathering gathering = new Gathering();
  private final WriteTimes writeTimes;
  private final LanePace pace;
  private final LaneReplays replays;
  private boolean batchActive;
  private long windows;
  private long sharedWindow;
  private boolean waiting;
  private boolean closed;

  /** End of the last batch that was for anybody. */
  private long gatheredTo;

  // of the events that this lane has routed
  private String epoch;
  private byte[] idLinePrefix;

  /** Everything up to here has been offered to every LIVE connection. */
  private long routed;

  Lane(Engine engine, int index, LaneExecutor executor) {
    this.engine = engine;
    this.index = index;
    this.executor = executor;
    this.ring = engine.ring();
    this.journalled = engine.journalSequence();
    this.fullBatch = Math.min(MAX_BATCH_EVENTS, ring.size() / 2);
    this.directory = engine.directory();
    this.counters = engine.counters().newSet();
    this.writeTimes = new WriteTimes(engine.timings().newRecorder(Timing.PUBLISH_TO_WRITE));
    this.pace = new LanePace(executor);
    this.replays = new LaneReplays(this, engine.timings().newRecorder(Timing.REPLAY));
    this.batch = new Batch(ring, readAhead);
    this.epoch = engine.journal().epoch();
    this.idLinePrefix = EventId.idLinePrefix(epoch);
    this.upkeep = new LaneUpkeep(this, engine.options());
  }

  /**
   * Joins the ring at its present place. Called once, by the engine, before the lane is signalled.
   */
  void join() {
    ring.addGate(sequence); // sets the sequence to the cursor: nothing before it is ours
    routed = engine.journal().newestPosition();
    executor.execute(
        () -> {
          awaitJoin();
          upkeep.start();
        });
  }

  /**
   * The gate was set to the ring's cursor; the journal may still be behind it. What it journals up
   * to the gate is not offered to this lane, so the position to start from is read when it is done.
   */
  private void awaitJoin() {
    if (journalled.get() < sequence.get()) {
      executor.schedule(this::awaitJoin, 1);
      return;
    }
    routed = Math.max(routed, engine.journal().newestPosition());
    epoch = engine.journal().epoch();
    idLinePrefix = EventId.idLinePrefix(epoch);
    gatheredTo = sequence.get();
    joined = true;
    for (int i = 0; i < everyone.singles.size(); i++) {
      Connection connection = everyone.singles.get(i);
      if (connection.state == State.LIVE && connection.position < routed) {
        leaveLive(connection, 0); // began while we joined: what came since is journalled
        catchUp(connection);
      }
    }
    admitAheadOfLane();
    signal();
  }

  /** The lane's number, from 0. Any thread. */
  public int index() {
    return index;
  }

  /** The executor that it runs on. Any thread. */
  public LaneExecutor executor() {
    return executor;
  }

  /** How its thread's time is shared between those who are there and those who come. Any thread. */
  public LanePace pace() {
    return pace;
  }

  long consumed() {
    return sequence.get();
  }

  CounterSet counters() {
    return counters;
  }

  Engine engine() {
    return engine;
  }

  /** What its connections owe. Any thread. */
  LaneLoad load() {
    return upkeep.load();
  }

  /** For how long a connection has been reading the journal, in ms. */
  long behindMs(Connection connection) {
    return connection.state == State.REPLAYING
        ? (long) (upkeep.tick() - connection.behindSinceTick) * upkeep.tickMs()
        : 0;
  }

  /** What there is to know about a connection of this lane. */
  ConnectionInfo info(Connection connection) {
    long position =
        connection.state == State.LIVE
            ? Math.max(connection.position, routed)
            : connection.position;
    int pending = connection.outlet.pendingBytes();
    long stalledMs =
        pending == 0 ? 0 : (long) (upkeep.scans() - connection.lastProgressScan) * upkeep.tickMs();
    return new ConnectionInfo(
        connection.id,
        connection.channels(),
        connection.state,
        connection.connectedAtMs,
        engine.eventId(position),
        pending,
        behindMs(connection),
        stalledMs,
        connection.outlet.remoteAddress(),
        connection.outlet.transport());
  }

  int currentScan() {
    return upkeep.scans();
  }

  boolean isBatchActive() {
    return batchActive;
  }

  /** Notes of the batch under way, or of the one before. */
  int batchNodes() {
    return batch.nodes();
  }

  String epoch() {
    return epoch;
  }

  byte[] idLinePrefix() {
    return idLinePrefix;
  }

  /** Position up to which every LIVE connection was offered everything. */
  long routed() {
    return routed;
  }

  ConnectionSet connections() {
    return everyone.singles;
  }

  @Nullable ChannelEntry entry(@Nullable String channel) {
    return channel == null ? null : channels.get(channel);
  }

  /** Wakes the lane; cheap if it is awake already. Any thread. */
  void signal() {
    if (!signalled.get() && signalled.compareAndSet(false, true)) {
      executor.execute(this);
    }
  }

  /**
   * Watches the journal for a moment and routes what it has taken. For a lane's thread that has
   * just published: the journal thread needs less time than it would take to put this thread to
   * sleep and wake it again.
   */
  public void awaitJournal() {
    if (journalWatch.await(journalled, ring.cursor())) {
      run();
    }
  }

  /**
   * A number of the bytes that are being offered, if they are offered to many: as long as it is the
   * same, so are the bytes. 0 if what is offered is for one connection. For outlets that make
   * something of the bytes which others can use as well; to be asked during an offer.
   */
  public long sharedWindow() {
    return sharedWindow;
  }

  /** A replay thread has read something for a connection of this lane. Any thread. */
  void onReplayed(Replay replay) {
    replays.read(replay);
    signal();
  }

  @Override
  public void run() {
    signalled.set(false);
    VarHandle.fullFence(); // before the journal's sequence is read, or a signal could be missed
    if (closed) {
      return; // the ring waits for this lane no more: its slots are not to be touched
    }
    int left = joined ? drain(SLICE_WRITES) : 1;
    boolean moreReplays = replays.handSlice(left > 0);
    if ((left <= 0 || moreReplays) && !signalled.getAndSet(true)) {
      executor.executeAfterIo(this);
    }
  }

  /** Routes what the journal has committed, for so many writes; answers how many are left. */
  private int drain(int writes) {
    int left = writes;
    while (left > 0) {
      if (!batchActive && (mustWait() || !beginBatch())) {
        return left;
      }
      left = send(left);
    }
    return left;
  }

  /** Whether the next batch is to wait until there is more in it; a full one is not. */
  private boolean mustWait() {
    long pending = journalled.get() - sequence.get();
    if (pending <= 0 || pending >= fullBatch) {
      return false;
    }
    long waitNs = gathering.waitNs(pending, executor.nanoTime());
    if (waitNs <= 0) {
      return false;
    }
    if (!waiting) {
      waiting = true;
      executor.schedule(this::endWait, (waitNs + NS_A_MS - 1) / NS_A_MS);
    }
    return true;
  }

  private void endWait() {
    waiting = false;
    signal();
  }

  private boolean beginBatch() {
    long next = sequence.get() + 1;
    long available = Math.min(journalled.get(), next + MAX_BATCH_EVENTS - 1);
    if (next > available) {
      return false;
    }
    batch.begin(next);
    readAhead.channels(ring, next, available, channels);
    long last = routed;
    long nodes = 0;
    long s = next;
    for (; s <= available; s++) {
      RingEvent event = ring.get(s);
      if (event.kind == RingEvent.Kind.BREAK) {
        if (!batch.isEmpty()) {
          break; // what came before it is sent first
        }
        onBreak(last, Math.max(last, event.position));
        last = routed;
        continue;
      }
      if (!event.deliverable || event.position <= routed) {
        continue; // refused, or routed before this lane joined
      }
      String channel = event.channel;
      if (batch.isEmpty()) {
        batch.broadcast = channel == null;
      } else if (batch.broadcast != (channel == null)) {
        break; // broadcasts and channels' events do not share a batch
      }
      long before = last;
      last = event.position;
      ChannelEntry entry = channel == null ? everyone : channels.get(channel);
      if (entry != null && !entry.isEmpty()) {
        nodes += 1 + entry.multis.size();
        if (nodes > MAX_BATCH_NODES && !batch.isEmpty()) {
          last = before;
          break;
        }
        batch.add(entry, s);
      }
    }
    batch.end = s - 1;
    batch.lastPosition = last;
    if (batch.isEmpty()) {
      sequence.set(batch.end);
      routed = last;
      admitAheadOfLane();
      return true;
    }
    batchActive = true;
    gathering.began(executor.nanoTime());
    if (!batch.broadcast) {
      batch.sortMultis(this);
    }
    return true;
  }

  /**
   * Events between the two positions are missing in the ring, or the epoch changes. Whoever is LIVE
   * reads the journal over that place and so is told of a gap if there is one. After a change of
   * the epoch everyone is told; connections that cannot be told now are ended.
   */
  private void onBreak(long before, long after) {
    String previousEpoch = epoch;
    epoch = engine.journal().epoch();
    idLinePrefix = EventId.idLinePrefix(epoch);
    boolean sameEpoch = epoch.equals(previousEpoch);
    routed = after;
    ConnectionSet all = everyone.singles;
    for (int i = all.size() - 1; i >= 0; i--) {
      Connection connection = all.get(i);
      boolean live = connection.state == State.LIVE;
      boolean writable = connection.outlet.isWritable();
      if (live) {
        leaveLive(connection, before);
      }
      if (!sameEpoch && live && writable) {
        String requested = EventId.format(previousEpoch, connection.position);
        connection.position = after;
        replays.start(connection, requested, GapReason.UNKNOWN_EPOCH);
      } else if (!sameEpoch) {
        close(connection, CloseReason.SERVER);
      } else if (live && writable) {
        catchUp(connection);
      }
    }
  }

  private int send(int writes) {
    if (!batchActive) {
      return writes;
    }
    int left = writes;
    while (true) {
      if (batch.windowLength > 0) {
        int count = batch.memberCount();
        int member = batch.member;
        long writesBefore = batch.writes;
        sharedWindow = windows;
        while (member < count && left > 0) {
          if (deliver(batch.member(member++))) {
            left--;
          }
        }
        sharedWindow = 0;
        batch.member = member;
        noteWriteTime((int) (batch.writes - writesBefore));
        if (member < count) {
          writeTimes.flush(); // other work has its turn now
          return 0;
        }
      }
      windows++;
      if (!batch.nextWindow()) {
        finishBatch();
        return left;
      }
    }
  }

  private void noteWriteTime(int writes) {
    if (writes > 0) {
      long published = batch.event(batch.windowFirstNode).publishedNs;
      writeTimes.wrote(published, writes, (long) writes * batch.windowEvents);
    }
  }

  private boolean deliver(Connection connection) {
    if (connection.state != State.LIVE || connection.position >= batch.windowLastPosition) {
      return false;
    }
    try {
      hand(connection);
    } catch (Throwable e) {
      failed(connection, e);
    }
    return true;
  }

  private void hand(Connection connection) {
    if (connection.outlet instanceof EventOutlet outlet) {
      deliverEvents(connection, outlet);
    } else if (connection.outlet.offer(
        batch.windowBuffer, batch.windowOffset, batch.windowLength)) {
      connection.position = batch.windowLastPosition;
      connection.lastWriteTick = upkeep.tick();
      batch.writes++;
      batch.deliveries += batch.windowEvents;
      counters.add(Counter.DELIVERED, batch.windowEvents);
      counters.add(Counter.DELIVERED_BYTES, batch.windowLength);
    } else {
      fallBehind(connection);
    }
  }

  private void deliverEvents(Connection connection, EventOutlet outlet) {
    batch.offeredToPrograms = true;
    int node = batch.windowFirstNode;
    for (int i = 0; i < batch.windowEvents && connection.state == State.LIVE; i++) {
      RingEvent event = batch.event(node);
      if (!outlet.offerEvent(
          event.position, event.channel, event.frame, event.frameOffset, event.frameLength())) {
        fallBehind(connection);
        return;
      }
      connection.position = event.position;
      counters.add(Counter.DELIVERED, 1);
      counters.add(Counter.DELIVERED_BYTES, event.frameLength());
      node = batch.next(node);
    }
  }

  private void finishBatch() {
    writeTimes.flush();
    long now = executor.nanoTime();
    if (batch.deliveries > 0 || batch.offeredToPrograms) {
      pace.delivered(now);
    }
    gathering.finished(now, batch.end - gatheredTo, batch.writes, batch.deliveries);
    gatheredTo = batch.end;
    batch.finish();
    batchActive = false;
    routed = batch.lastPosition;
    sequence.set(batch.end);
    for (int i = 0; i < leavers.size(); i++) {
      remove(leavers.get(i));
    }
    leavers.clear();
    admitAheadOfLane();
    upkeep.afterBatch();
  }

  // ---- connect ----

  /**
   * Begins a connection. The outlet is handed the preamble, and if the id asks for it what was
   * missed.
   *
   * @param names channels, at least one; duplicates are dropped
   * @param lastEventId the id after which to go on as the client gave it, or null to begin now
   * @throws IllegalArgumentException if a name cannot be a channel's
   * @throws IllegalStateException if the lane is closed
   */
  public Connection connect(Collection<String> names, @Nullable String lastEventId, Outlet outlet) {
    return connect(names, lastEventId, null, outlet);
  }

  /**
   * Begins a connection of somebody who is known, and otherwise as above.
   *
   * @param subject who listens, which sources are told; null if nobody knows
   */
  public Connection connect(
      Collection<String> names,
      @Nullable String lastEventId,
      @Nullable String subject,
      Outlet outlet) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("channels: none (expected: at least one)");
    }
    if (closed) {
      throw new IllegalStateException("the engine is closed");
    }
    LinkedHashSet<String> distinct = new LinkedHashSet<>();
    for (String name : names) {
      distinct.add(Message.requireChannel(name));
    }
    Connection connection =
        new Connection(
            this, outlet, engine.nextConnectionId(), engine.options().clock().millis(), subject);
    connection.lastWriteTick = upkeep.tick();
    connection.lastProgressScan = upkeep.scans();
    connection.behindSinceTick = upkeep.tick();
    add(connection, distinct);
    counters.add(Counter.CONNECTS, 1);
    engine.sourceEvents().connected(connection, distinct);
    if (lastEventId == null || lastEventId.isEmpty()) {
      // A lane without listeners may lag; what is journalled already is not news.
      connection.position = Math.max(target(), engine.journal().newestPosition());
      upkeep.sendPreamble(connection, connection.position);
      catchUp(connection);
    } else {
      upkeep.sendPreamble(connection, -1);
      if (connection.state != State.CLOSED) {
        resume(connection, lastEventId);
      }
    }
    signal(); // an event may have passed before the directory knew of us
    return connection;
  }

  private void resume(Connection connection, String lastEventId) {
    Journal journal = engine.journal();
    long position = EventId.parse(lastEventId, epoch);
    // Of a shared journal another node may have handed out more than is known here yet.
    boolean beyond = position > journal.newestPosition() && !journal.isShared();
    if (position < 0 || beyond) {
      connection.position = 0;
      replays.start(connection, lastEventId, GapReason.UNKNOWN_EPOCH);
      return;
    }
    connection.position = position;
    long target = target();
    if (position > target) {
      aheadOfLane.add(connection); // it saw on another lane what this one has yet to route
    } else if (position == target) {
      goLive(connection);
    } else {
      replays.start(connection, lastEventId, null);
    }
  }

  /** Position up to which the journal, not the fan-out, serves a connection. */
  long target() {
    return batchActive ? batch.lastPosition : routed;
  }

  private void goLive(Connection connection) {
    if (connection.state != State.CLOSED) {
      connection.state = State.LIVE;
    }
  }

  private void admitAheadOfLane() {
    if (aheadOfLane.isEmpty()) {
      return;
    }
    for (int i = aheadOfLane.size() - 1; i >= 0; i--) {
      Connection connection = aheadOfLane.get(i);
      if (connection.state == State.CLOSED) {
        aheadOfLane.remove(i);
      } else if (connection.position <= target()) {
        aheadOfLane.remove(i);
        catchUp(connection);
      }
    }
  }

  private void add(Connection connection, Collection<String> names) {
    connection.laneIndex = everyone.singles.add(connection);
    directory.connected();
    if (names.size() == 1) {
      ChannelEntry entry = enter(names.iterator().next());
      connection.entry = entry;
      connection.entryIndex = entry.singles.add(connection);
      return;
    }
    ChannelEntry[] entries = new ChannelEntry[names.size()];
    Connection.MultiChannel multi = new Connection.MultiChannel(entries);
    int i = 0;
    for (String name : names) {
      entries[i] = enter(name);
      multi.indexes[i] = entries[i].addMulti(connection);
      i++;
    }
    connection.multi = multi;
  }

  private ChannelEntry enter(String name) {
    ChannelEntry entry = channels.computeIfAbsent(name, ChannelEntry::new);
    directory.added(name, index);
    return entry;
  }

  // ---- replay ----

  private void fallBehind(Connection connection) {
    if (connection.state != State.LIVE) {
      return;
    }
    leaveLive(connection, routed);
    counters.add(Counter.SLOW_TRANSITIONS, 1);
    // the replay starts when the outlet can take bytes again
  }

  /** Something was written to a connection that is not LIVE. */
  void wrote(Connection connection) {
    connection.lastWriteTick = upkeep.tick();
  }

  /** From here on the journal serves a connection, behind what it was offered up to a position. */
  private void leaveLive(Connection connection, long offered) {
    connection.state = State.REPLAYING;
    connection.behindSinceTick = upkeep.tick();
    connection.position = Math.max(connection.position, offered);
  }

  /** Makes a connection live, or reads on for it. */
  void catchUp(Connection connection) {
    long target = target();
    if (connection.position == target) {
      goLive(connection);
    } else if (connection.position > target) {
      aheadOfLane.add(connection);
    } else {
      replays.start(connection, null, null);
    }
  }

  void onWritable(Connection connection) {
    connection.lastProgressScan = upkeep.scans();
    if (connection.state != State.REPLAYING || aheadOfLane.contains(connection)) {
      return;
    }
    Replay replay = connection.replay;
    if (replay == null) {
      catchUp(connection);
    } else if (replay.isIdle()) {
      replay.request(target());
    }
  }

  // ---- end ----

  void close(Connection connection, CloseReason reason) {
    if (connection.state != State.CLOSED) {
      closed(connection, reason);
      try {
        connection.outlet.close(reason);
      } catch (Throwable e) {
        contained(connection, e);
      }
    }
  }

  void expire(Connection connection) {
    if (connection.state != State.CLOSED) {
      upkeep.sendExpired(connection);
      close(connection, CloseReason.EXPIRED);
    }
  }

  /** An outlet has thrown, which it must not: its connection ends, and nothing else. */
  void failed(Connection connection, Throwable e) {
    contained(connection, e);
    close(connection, CloseReason.ERROR);
  }

  private void contained(Connection connection, Throwable e) {
    counters.add(Counter.CONTAINED_FAILURES, 1);
    LOG.error("the outlet of {} failed", connection, e);
  }

  void closed(Connection connection, CloseReason reason) {
    if (connection.state == State.CLOSED) {
      return;
    }
    connection.state = State.CLOSED;
    counters.add(reason.counter(), 1);
    Replay replay = connection.replay;
    connection.replay = null;
    if (replay != null && replay.isIdle()) {
      replay.dispose(); // otherwise when it comes back from its thread
    }
    engine.sourceEvents().disconnected(connection, reason);
    if (batchActive) {
      leavers.add(connection); // the batch walks over the sets
    } else {
      remove(connection);
    }
  }

  private void remove(Connection connection) {
    Connection moved = everyone.singles.remove(connection.laneIndex);
    if (moved != null) {
      moved.laneIndex = connection.laneIndex;
    }
    directory.disconnected();
    ChannelEntry entry = connection.entry;
    if (entry != null) {
      Connection movedSingle = entry.singles.remove(connection.entryIndex);
      if (movedSingle != null) {
        movedSingle.entryIndex = connection.entryIndex;
      }
      leave(entry);
    }
    Connection.MultiChannel multi = connection.multi;
    if (multi != null) {
      for (int i = 0; i < multi.entries.length; i++) {
        removeMulti(multi.entries[i], multi.indexes[i]);
      }
    }
  }

  private void removeMulti(ChannelEntry entry, int at) {
    Connection moved = entry.multis.remove(at);
    Connection.MultiChannel movedMulti = moved == null ? null : moved.multi;
    if (movedMulti != null) {
      for (int k = 0; k < movedMulti.entries.length; k++) {
        if (movedMulti.entries[k] == entry) {
          movedMulti.indexes[k] = at;
        }
      }
    }
    leave(entry);
  }

  private void leave(ChannelEntry entry) {
    boolean empty = entry.isEmpty();
    if (empty) {
      channels.remove(entry.name);
    }
    directory.removed(entry.name, index, empty);
  }

  /** Ends every connection, spread over a time, each with a time to come back after. Any thread. */
  void drain(long spreadMs, Runnable whenDone) {
    executor.execute(() -> upkeep.drain(spreadMs, whenDone));
  }

  /** Ends every connection at once and leaves the ring. Any thread. */
  void shutdown(Runnable whenDone) {
    executor.execute(
        () -> {
          closed = true;
          upkeep.stop();
          for (int i = everyone.singles.size() - 1; i >= 0; i--) {
            close(everyone.singles.get(i), CloseReason.SERVER);
          }
          if (batchActive) {
            finishBatch();
          }
          whenDone.run();
        });
  }

  void leaveRing() {
    ring.removeGate(sequence);
  }

  boolean hasRoutedEverything() {
    return joined && replays.isEmpty() && sequence.get() >= ring.cursor();
  }
}
