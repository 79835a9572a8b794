package io.ssegateway.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream: its channels, its place in the journal, and its state.
 *
 * <pre>
 *   REPLAYING ──caught up──▶ LIVE ──fell behind──▶ REPLAYING …  ──▶ CLOSED
 * </pre>
 *
 * REPLAYING: the journal is read for it from its position; the fan-out passes it by. LIVE: it has
 * been sent everything up to the position its lane has routed. There is no queue between the two:
 * the journal is the queue.
 *
 * <p>Owned by its lane: every method is to be called on the lane's thread, except those that say
 * otherwise.
 */
public final class Connection {
  /** What a connection does. */
  public enum State {
    /** Reads the journal. */
    REPLAYING,
    /** Gets events as they are fanned out. */
    LIVE,
    /** Is over. */
    CLOSED
  }

  final Lane lane;
  final Outlet outlet;
  final long id;
  final long connectedAtMs;
  private final @Nullable String subject;

  State state = State.REPLAYING;

  /** Everything of its channels up to here has been handed to the outlet, or told as a gap. */
  long position;

  /** Lane tick of the last write, for heartbeats. */
  int lastWriteTick;

  /** Lane's scan at which it was last seen to have nothing pending, or to make progress. */
  int lastProgressScan;

  /** Lane tick at which it began to read the journal. */
  int behindSinceTick;

  /** Whether heartbeats are events, which scripts in a browser can hear, instead of comments. */
  boolean eventHeartbeat;

  /** Whether sources were told that it began, and are to be told that it has ended. */
  boolean toldToSources;

  int laneIndex;

  /** The channel and the index in its set; null with several channels. */
  @Nullable ChannelEntry entry;

  int entryIndex;
  @Nullable MultiChannel multi;
  @Nullable Replay replay;

  /** What a connection of several channels needs beyond. */
  static final class MultiChannel {
    final ChannelEntry[] entries;
    final int[] indexes;

    // the batch under way: a list of nodes in the lane's Batch
    int headNode = ChannelEntry.NONE;
    int tailNode = ChannelEntry.NONE;

    MultiChannel(ChannelEntry[] entries) {
      this.entries = entries;
      this.indexes = new int[entries.length];
    }
  }

  Connection(Lane lane, Outlet outlet, long id, long connectedAtMs, @Nullable String subject) {
    this.lane = lane;
    this.outlet = outlet;
    this.id = id;
    this.connectedAtMs = connectedAtMs;
    this.subject = subject;
  }

  /** A number that no other connection of the engine has. Any thread. */
  public long id() {
    return id;
  }

  /** When it began, in ms since 1970. Any thread. */
  public long connectedAtMs() {
    return connectedAtMs;
  }

  /** Who listens, as the transport knows; null if nobody does. Any thread. */
  public @Nullable String subject() {
    return subject;
  }

  /** What it does now. */
  public State state() {
    return state;
  }

  /** The position up to which everything was handed to the outlet, or told as a gap. */
  public long position() {
    return position;
  }

  /** Its channels. */
  public List<String> channels() {
    MultiChannel m = multi;
    if (m != null) {
      return java.util.Arrays.stream(m.entries).map(e -> e.name).toList();
    }
    ChannelEntry e = entry;
    return e == null ? List.of() : List.of(e.name);
  }

  /** Whether one of its channels has the text in its name. */
  boolean hasChannelWith(String text) {
    MultiChannel m = multi;
    if (m != null) {
      for (ChannelEntry e : m.entries) {
        if (e.name.contains(text)) {
          return true;
        }
      }
      return false;
    }
    ChannelEntry e = entry;
    return e != null && e.name.contains(text);
  }

  /** Asks for heartbeats that are events of type {@code heartbeat} instead of comments. */
  public void useEventHeartbeat() {
    eventHeartbeat = true;
  }

  /** The outlet can take bytes again. */
  public void onWritable() {
    lane.onWritable(this);
  }

  /** The outlet sent some of its pending bytes: the connection is not stalled. */
  public void onProgress() {
    lastProgressScan = lane.currentScan();
  }

  /** The outlet has ended by itself. */
  public void onClosed(CloseReason reason) {
    lane.closed(this, reason);
  }

  /** Ends the connection. */
  public void close(CloseReason reason) {
    lane.close(this, reason);
  }

  /** Tells the client that what it was granted is over, and ends the connection. */
  public void expire() {
    lane.expire(this);
  }

  @Override
  public String toString() {
    return "Connection[" + id + ", " + state + ", position=" + position + "]";
  }
}
