package io.ssegateway.engine;

import io.ssegateway.engine.Connection.State;
import io.ssegateway.engine.journal.GapReason;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The replays of a lane: what replay threads have read for its connections is handed to their
 * outlets, a slice at a time. Owned by the lane but for {@link #read}.
 */
final class LaneReplays {
  /** Chunks after which the thread's other work has its turn. */
  private static final int SLICE = 64;

  /** The same while the fan-out is not through: a storm of reconnects must not hold it up. */
  private static final int SLICE_BESIDE_FAN_OUT = 16;

  private final Lane lane;
  private final LaneExecutor executor;
  private final TimeRecorder times;
  private final ConcurrentLinkedQueue<Replay> read = new ConcurrentLinkedQueue<>();

  LaneReplays(Lane lane, TimeRecorder times) {
    this.lane = lane;
    this.executor = lane.executor();
    this.times = times;
  }

  /** A replay thread has read something, and the lane is to be signalled. Any thread. */
  void read(Replay replay) {
    read.add(replay);
  }

  /** Whether nothing waits to be handed out. Any thread. */
  boolean isEmpty() {
    return read.isEmpty();
  }

  /** Begins to read for a connection. */
  void start(Connection connection, @Nullable String requested, @Nullable GapReason gap) {
    lane.counters().add(Counter.REPLAYS, 1);
    Replay replay = new Replay(lane, connection, requested, gap);
    connection.replay = replay;
    replay.request(lane.target());
  }

  /**
   * Hands out a slice of what was read.
   *
   * @param fanOutThrough whether no live event waits to be delivered
   * @return whether there is more, for when others have had their turn
   */
  boolean handSlice(boolean fanOutThrough) {
    int left = fanOutThrough ? SLICE : SLICE_BESIDE_FAN_OUT;
    Replay replay;
    while (left-- > 0 && (replay = read.poll()) != null) {
      hand(replay);
    }
    return !read.isEmpty();
  }

  private void hand(Replay replay) {
    Connection connection = replay.connection;
    if (isOver(replay)) {
      replay.dispose();
      return;
    }
    if (replay.hasFailed()) {
      replay.dispose();
      connection.replay = null;
      lane.close(connection, CloseReason.ERROR);
      return;
    }
    boolean taken;
    try {
      taken = replay.deliver();
    } catch (Throwable e) {
      lane.failed(connection, e);
      return;
    }
    if (isOver(replay)) {
      replay.dispose();
      return;
    }
    lane.wrote(connection);
    if (!taken) {
      replay.dispose(); // begins again from the connection's position when it can take bytes
      connection.replay = replay.retry();
      return;
    }
    if (replay.isComplete() && connection.position >= lane.target()) {
      times.record(executor.nanoTime() - replay.beganNs(), 1);
      replay.dispose();
      connection.replay = null;
      lane.catchUp(connection);
    } else if (connection.outlet.isWritable()) {
      replay.request(lane.target());
    }
  }

  private static boolean isOver(Replay replay) {
    Connection connection = replay.connection;
    return connection.replay != replay || connection.state != State.REPLAYING;
  }
}
