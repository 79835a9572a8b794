package io.ssegateway.engine;

import io.ssegateway.engine.Connection.State;
import io.ssegateway.engine.frame.EventId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a lane does beside the fan-out, all of it by one timer for all connections: preambles,
 * heartbeats, the time-out of connections that make no progress, and the drain. Owned by the lane.
 */
final class LaneUpkeep {
  private static final int MAX_TICK_MS = 1000;
  private static final int MIN_TICK_MS = 10;
  private static final int SLICE_WRITES = 256;
  private static final int DRAIN_STEP_MS = 20;

  private static final byte[] COMMENT = ascii(":\n");
  private static final byte[] RETRY = ascii("retry: ");
  private static final byte[] EVENT_HEARTBEAT = ascii("event: heartbeat\ndata: \n");

  private static final byte[] EXPIRED = ascii("event: close\ndata: {\"reason\":\"expired\"}\n\n");

  private final Lane lane;
  private final EngineOptions options;
  private final int tickMs;
  private final int heartbeatTicks;
  private final int stallScans;
  private final UnsafeBuffer scratch = new UnsafeBuffer(BufferUtil.allocateDirectAligned(256, 64));

  private int tick;
  private int scans;
  private int scanned;
  private boolean scanning;
  private final LaneLoad load = new LaneLoad();
  private boolean stopped;

  LaneUpkeep(Lane lane, EngineOptions options) {
    this.lane = lane;
    this.options = options;
    int heartbeatMs = options.heartbeatMs();
    int shortest = heartbeatMs > 0 ? heartbeatMs : Integer.MAX_VALUE;
    shortest = Math.min(shortest, options.stallTimeoutMs());
    this.tickMs = Math.max(MIN_TICK_MS, Math.min(MAX_TICK_MS, shortest / 8));
    this.heartbeatTicks = heartbeatMs == 0 ? Integer.MAX_VALUE : ticks(heartbeatMs);
    this.stallScans = Math.max(2, ticks(options.stallTimeoutMs()));
  }

  private int ticks(int ms) {
    return Math.max(1, ms / tickMs);
  }

  int tick() {
    return tick;
  }

  /** Time between two ticks, in ms. */
  int tickMs() {
    return tickMs;
  }

  /** What the scans have seen. Any thread. */
  LaneLoad load() {
    return load;
  }

  /**
   * Number of scans begun. The time-out counts these, not ticks: a scan waits for the end of a
   * batch, and after a long one it would hold what was offered just now for as old as the batch.
   */
  int scans() {
    return scans;
  }

  void start() {
    lane.executor().schedule(this::onTick, tickMs);
  }

  void stop() {
    stopped = true;
  }

  private void onTick() {
    if (stopped) {
      return;
    }
    lane.executor().schedule(this::onTick, tickMs);
    tick++;
    lane.signal(); // a lane without subscribers follows the ring at leisure
    if (!scanning) {
      scanning = true;
      scans++;
      scanned = 0;
      load.begin();
      scan();
    }
  }

  /** Goes on with a scan that waited for the end of a batch. */
  void afterBatch() {
    if (scanning) {
      scan();
    }
  }

  private void scan() {
    ConnectionSet all = lane.connections();
    int writes = 0;
    while (scanned < all.size()) {
      if (lane.isBatchActive()) {
        return; // a heartbeat's id must not run ahead of what a connection has been sent
      }
      if (writes == SLICE_WRITES) {
        lane.executor().executeAfterIo(this::scan);
        return;
      }
      Connection connection = all.get(scanned++);
      try {
        if (look(connection)) {
          writes++;
        }
      } catch (Throwable e) {
        lane.failed(connection, e);
      }
      if (connection.state == State.CLOSED) {
        scanned--; // the last connection has moved to this place
      }
    }
    scanning = false;
    load.end();
  }

  /** Closes a connection that has stalled, or sends it the heartbeat that is due; false if none. */
  private boolean look(Connection connection) {
    int pending = connection.outlet.pendingBytes();
    load.seen(connection.state == State.REPLAYING, pending);
    if (pending == 0) {
      connection.lastProgressScan = scans;
    } else if (scans - connection.lastProgressScan >= stallScans) {
      lane.close(connection, CloseReason.STALLED);
      return true;
    }
    boolean due =
        pending == 0
            && tick - connection.lastWriteTick >= heartbeatTicks
            && connection.state == State.LIVE
            && !(connection.outlet instanceof EventOutlet);
    if (due) {
      sendHeartbeat(connection);
    }
    return due;
  }

  /**
   * The heartbeat carries the position that the connection has reached. It is no event, but moves a
   * browser's cursor, so that a quiet channel's clients do not come back with an id so old that
   * nobody can tell whether they missed something.
   */
  private void sendHeartbeat(Connection connection) {
    long position = Math.max(connection.position, lane.routed());
    byte[] kind = connection.eventHeartbeat ? EVENT_HEARTBEAT : COMMENT;
    scratch.putBytes(0, kind);
    int length = kind.length;
    length += EventId.putIdLine(scratch, length, lane.idLinePrefix(), position);
    scratch.putByte(length++, (byte) '\n');
    if (connection.outlet.offer(scratch, 0, length)) {
      connection.lastWriteTick = tick;
      lane.counters().add(Counter.HEARTBEATS, 1);
    }
  }

  /**
   * Sends the first bytes of a stream: a comment, the reconnection time with this client's jitter,
   * and where it begins.
   *
   * @param position the position after which the stream begins, or -1 if that is the client's id
   */
  void sendPreamble(Connection connection, long position) {
    if (connection.outlet instanceof EventOutlet) {
      return;
    }
    scratch.putBytes(0, COMMENT);
    int length = COMMENT.length;
    int retryMs = options.retryMs();
    length += putRetry(length, jitter(retryMs - retryMs / 2, retryMs + retryMs / 2));
    if (position >= 0) {
      length += EventId.putIdLine(scratch, length, lane.idLinePrefix(), position);
    }
    scratch.putByte(length++, (byte) '\n');
    offer(connection, length);
  }

  private boolean offer(Connection connection, int length) {
    try {
      return connection.outlet.offer(scratch, 0, length);
    } catch (Throwable e) {
      lane.failed(connection, e);
      return true; // it is closed
    }
  }

  private int putRetry(int offset, int retryMs) {
    scratch.putBytes(offset, RETRY);
    int length = RETRY.length;
    length += scratch.putNaturalIntAscii(offset + length, retryMs);
    scratch.putByte(offset + length, (byte) '\n');
    return length + 1;
  }

  private static int jitter(int from, int to) {
    return ThreadLocalRandom.current().nextInt(from, Math.max(from, to) + 1);
  }

  /**
   * Ends the connections within the spread, a few at a time. One that is REPLAYING has not yet got
   * all that was published, and one that owes too much cannot be told anything: they are passed
   * over until that has changed, or the spread is over. Each is told to come back at a time of its
   * own.
   */
  void drain(long spreadMs, Runnable whenDone) {
    ConnectionSet all = lane.connections();
    ArrayDeque<Connection> waiting = new ArrayDeque<>(all.size() + 1);
    for (int i = 0; i < all.size(); i++) {
      waiting.add(all.get(i));
    }
    drainStep(waiting, waiting.size(), 1, spreadMs, whenDone);
  }

  private void drainStep(
      ArrayDeque<Connection> waiting, int total, long step, long spreadMs, Runnable whenDone) {
    long steps = Math.max(1, spreadMs / DRAIN_STEP_MS);
    boolean last = step >= steps;
    int size = waiting.size();
    int due = last ? size : (int) ((total * step + steps - 1) / steps) - (total - size);
    for (int i = 0; i < size && due > 0; i++) {
      Connection connection = waiting.remove();
      boolean ends = last || connection.state != State.REPLAYING;
      if (ends && (sayGoodbye(connection, spreadMs) || last)) {
        lane.close(connection, CloseReason.DRAINED);
        due--;
      } else {
        waiting.add(connection);
      }
    }
    if (waiting.isEmpty()) {
      whenDone.run();
    } else {
      lane.executor()
          .schedule(() -> drainStep(waiting, total, step + 1, spreadMs, whenDone), DRAIN_STEP_MS);
    }
  }

  /** Tells a connection when to come back; false if it owes too much to be told now. */
  private boolean sayGoodbye(Connection connection, long spreadMs) {
    if (connection.state == State.CLOSED || connection.outlet instanceof EventOutlet) {
      return true;
    }
    int retryMs = options.retryMs();
    int latest = (int) Math.min(Integer.MAX_VALUE - 1, retryMs * 2L + spreadMs);
    int length = putRetry(0, jitter(retryMs - retryMs / 2, latest));
    scratch.putByte(length++, (byte) '\n');
    return offer(connection, length);
  }

  /**
   * Tells a client that its time is over, by an event, since scripts can hear nothing else. It has
   * no id: the client's cursor stays at the last event it was sent.
   */
  void sendExpired(Connection connection) {
    if (!(connection.outlet instanceof EventOutlet)) {
      scratch.putBytes(0, EXPIRED);
      offer(connection, EXPIRED.length);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
