package io.ssegateway.engine;

import io.ssegateway.engine.journal.MemoryJournal;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.DirectBuffer;
import org.slf4j.helpers.NOPLogger;

/**
 * The real ring, journal handler, signals, lanes and replays of an engine, without its threads: the
 * actors of a test take their parts. Rigs are kept for the next state, since they are not small.
 */
final class Rig {
  private static final ConcurrentLinkedQueue<Rig> POOL = new ConcurrentLinkedQueue<>();

  final Engine engine;
  final Lane lane;
  final Tasks tasks = new Tasks();
  private final Tasks otherTasks = new Tasks();
  private final JournalHandler handler;

  private Rig() {
    EngineOptions options =
        EngineOptions.DEFAULTS.toBuilder()
            .ringSize(16)
            .slotBytes(256)
            .replayThreads(1)
            .heartbeatMs(0)
            .build();
    engine =
        Engine.builder().options(options).journal(new MemoryJournal(64 * 1024, 0)).lanes(0).build();
    engine.replayService().close(); // an actor is the replay thread
    engine.ring().openForPublishing();
    LaneSignals signals = new LaneSignals(engine.ring(), engine.directory());
    lane = engine.addLane(tasks);
    signals.add(lane);
    signals.add(engine.addLane(otherTasks)); // with two lanes the directory is asked
    handler =
        new JournalHandler(
            engine.journal(),
            engine.ring(),
            signals,
            new CounterSet(),
            engine.timings(),
            NOPLogger.NOP_LOGGER);
    handler.setSequenceCallback(engine.journalSequence());
    tasks.runAll();
    otherTasks.runAll();
  }

  static Rig take() {
    Rig rig = POOL.poll();
    return rig == null ? new Rig() : rig;
  }

  /** Leaves the rig without connections and with every lane up to date, for the next state. */
  void giveBack(Connection... connections) {
    for (Connection connection : connections) {
      connection.close(CloseReason.CLIENT);
    }
    lane.signal();
    tasks.runAll();
    otherTasks.runAll();
    otherTasks.wake();
    POOL.add(this);
  }

  /** Puts an event into the ring, where the journal has not seen it yet. */
  long publish(String data) {
    PublishResult result = engine.publisher().publish(Message.of("a", data));
    if (result != PublishResult.PUBLISHED) {
      throw new IllegalStateException(result.toString());
    }
    return engine.ring().cursor();
  }

  /** The journal thread's part: append, commit, show, signal. */
  void journal(long sequence) {
    handler.onEvent(engine.ring().get(sequence), sequence, true);
  }

  /** The replay thread's part, if the connection's replay is asked for something. */
  static boolean replay(Connection connection) {
    Replay replay = connection.replay;
    if (replay == null || replay.isIdle()) {
      return false;
    }
    replay.run();
    return true;
  }

  /** A lane's thread as a queue; whoever runs it is the lane. */
  static final class Tasks implements LaneExecutor {
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private Runnable lane;

    @Override
    public synchronized void execute(Runnable task) {
      if (task instanceof Lane) {
        lane = task;
      }
      queue.add(task);
    }

    @Override
    public void schedule(Runnable task, long delayMs) {
      // no timers here
    }

    @Override
    public boolean inLane() {
      return true;
    }

    private synchronized Runnable next() {
      return queue.poll();
    }

    /** Runs what there is; answers whether there was anything. */
    boolean runAll() {
      boolean any = false;
      Runnable task;
      while ((task = next()) != null) {
        task.run();
        any = true;
      }
      return any;
    }

    /** Lets a lane without listeners follow the ring. */
    void wake() {
      Runnable task = lane;
      if (task != null) {
        task.run();
      }
    }
  }

  /** Takes everything and counts frames with an id and data. */
  static final class CountingOutlet implements Outlet {
    private int frames;
    private long lastSeen;
    private boolean disorder;

    @Override
    public boolean offer(DirectBuffer buffer, int offset, int length) {
      String[] lines = buffer.getStringWithoutLengthUtf8(offset, length).split("\n", -1);
      long id = -1;
      for (String line : lines) {
        if (line.startsWith("id: ")) {
          id = Long.parseLong(line.substring(line.lastIndexOf('-') + 1));
        } else if (line.startsWith("data: ")) {
          frames++;
          disorder |= id <= lastSeen;
          lastSeen = id;
        }
      }
      return true;
    }

    /** Events taken, or -1 if one came twice or out of order. */
    int events() {
      return disorder ? -1 : frames;
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public int pendingBytes() {
      return 0;
    }

    @Override
    public void close(CloseReason reason) {
      // nothing to close
    }
  }
}
