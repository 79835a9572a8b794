package io.ssegateway.engine;

import io.ssegateway.engine.frame.EventId;
import io.ssegateway.engine.journal.GapReason;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.journal.ReplaySink;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a REPLAYING connection reads out of the journal: a chunk at a time, and the next only when
 * the outlet can take it. It goes to and fro between its lane and a replay thread; whoever has it
 * owns it, and the two hand-overs are queues, so no field needs to be volatile.
 */
final class Replay implements Runnable, ReplaySink {
  private enum Stage {
    /** With the lane; nothing is asked for. */
    IDLE,
    /** With a replay thread. */
    READING,
    /** With the lane, over. */
    DISPOSED
  }

  final Connection connection;
  private final Lane lane;
  private final ReplayService service;
  private final String epoch;
  private final byte[] idLinePrefix;
  private String requested;
  private @Nullable GapReason pendingGap;
  private final String firstRequested;
  private @Nullable GapReason untoldGap;
  private final boolean eventwise;
  private final long beganNs;

  private Stage stage = Stage.IDLE;
  private long upTo;
  private @Nullable JournalReader reader;
  private @Nullable ReplayChunk chunk;
  private long readPosition;
  private boolean complete;
  private @Nullable Throwable failure;

  /**
   * Creates an idle replay from the connection's position.
   *
   * @param requested the id as the client gave it, or null to name the connection's position
   * @param gap a gap to tell before anything is read, or null
   */
  Replay(Lane lane, Connection connection, @Nullable String requested, @Nullable GapReason gap) {
    this.lane = lane;
    this.connection = connection;
    this.service = lane.engine().replayService();
    this.epoch = lane.epoch();
    this.idLinePrefix = lane.idLinePrefix();
    this.readPosition = connection.position;
    this.requested = requested != null ? requested : EventId.format(epoch, readPosition);
    this.firstRequested = this.requested;
    this.pendingGap = gap;
    this.untoldGap = gap;
    this.eventwise = connection.outlet instanceof EventOutlet;
    this.beganNs = lane.executor().nanoTime();
  }

  // ---- lane ----

  /** Asks for the next chunk. Lane. */
  void request(long upTo) {
    this.upTo = Math.max(upTo, readPosition);
    stage = Stage.READING;
    service.submit(this);
  }

  /** When it began, in the lane's time. */
  long beganNs() {
    return beganNs;
  }

  boolean isIdle() {
    return stage == Stage.IDLE;
  }

  boolean isComplete() {
    return complete;
  }

  boolean hasFailed() {
    return failure != null;
  }

  /**
   * Hands the chunk to the outlet and moves the connection's position. Lane.
   *
   * @return false if the outlet declined: the rest of the chunk is to be read again
   */
  boolean deliver() {
    stage = Stage.IDLE;
    ReplayChunk c = chunk;
    chunk = null;
    if (c == null) {
      return false;
    }
    boolean taken;
    try {
      taken = c.deliver(connection, lane.counters());
      if (taken || c.itemsTaken() > 0) {
        untoldGap = null; // it is the first thing of the first chunk
      }
    } finally {
      service.giveBack(c);
    }
    if (taken) {
      connection.position = readPosition;
    }
    return taken;
  }

  /**
   * What begins again when the outlet has declined: an idle replay that tells the gap this one was
   * made to tell, or null if that was told and the connection's position says it all. Lane.
   */
  @Nullable Replay retry() {
    GapReason gap = untoldGap;
    return gap == null ? null : new Replay(lane, connection, firstRequested, gap);
  }

  /** Gives back what it holds. Lane; calls after the first do nothing. */
  void dispose() {
    stage = Stage.DISPOSED;
    ReplayChunk c = chunk;
    chunk = null;
    if (c != null) {
      service.giveBack(c);
    }
    JournalReader r = reader;
    reader = null;
    if (r != null) {
      service.closeLater(r);
    }
  }

  // ---- replay thread ----

  @Override
  public void run() {
    ReplayChunk c = service.borrow();
    chunk = c;
    try {
      c.reset(eventwise);
      complete = tellPendingGap() && read();
    } catch (Throwable e) {
      failure = e;
      service.failed(connection, e);
    }
    lane.onReplayed(this);
  }

  private boolean read() {
    JournalReader r = reader;
    if (r == null) {
      r = service.open(connection, readPosition);
      reader = r;
    }
    boolean all = r.read(upTo, this);
    if (all) {
      readPosition = Math.max(readPosition, upTo);
    }
    return all;
  }

  /**
   * An id that means nothing here: what is left follows from the oldest event on, or from where the
   * connection is already.
   */
  private boolean tellPendingGap() {
    GapReason gap = pendingGap;
    if (gap == null) {
      return true;
    }
    pendingGap = null;
    ReplayChunk c = chunk;
    long oldest = service.oldestPosition();
    long resumeAfter = oldest > 0 ? oldest - 1 : service.newestPosition();
    return c != null && putGap(c, gap, Math.max(readPosition, Math.min(resumeAfter, upTo)));
  }

  @Override
  public boolean onEvent(
      long position, @Nullable String channel, DirectBuffer buffer, int offset, int length) {
    ReplayChunk c = chunk;
    if (c == null || !c.putEvent(idLinePrefix, position, channel, buffer, offset, length)) {
      return false;
    }
    readPosition = position;
    return true;
  }

  @Override
  public boolean onGap(GapReason reason, long resumeAfter) {
    ReplayChunk c = chunk;
    return c != null && putGap(c, reason, resumeAfter);
  }

  private boolean putGap(ReplayChunk c, GapReason reason, long resumeAfter) {
    byte[] body = gapBody(reason, resumeAfter).getBytes(StandardCharsets.UTF_8);
    if (!c.putGap(idLinePrefix, reason, requested, resumeAfter, body)) {
      return false;
    }
    readPosition = resumeAfter;
    requested = EventId.format(epoch, resumeAfter);
    return true;
  }

  private String gapBody(GapReason reason, long resumeAfter) {
    return "event: gap\ndata: {\"reason\":\""
        + reason.text()
        + "\",\"requested\":\""
        + plain(requested)
        + "\",\"resumed_at\":\""
        + EventId.format(epoch, resumeAfter)
        + "\"}\n\n";
  }

  /** An id comes from outside: at most 64 characters of it, and only such as need no escape. */
  private static String plain(String id) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(64, id.length()); i++) {
      char c = id.charAt(i);
      text.append(c >= ' ' && c < 0x7f && c != '"' && c != '\\' ? c : '?');
    }
    return text.toString();
  }
}
