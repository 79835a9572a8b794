package io.ssegateway.engine.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The newest record of a channel in an {@link EventTail}, or of the broadcasts. Outside of it only
 * a handle, by which the writer that appends to a channel again spares the look-up of its name.
 */
public final class TailHead {
  private static final VarHandle LAST_POSITION = handle("lastPosition");
  private static final VarHandle LAST_ADDRESS = handle("lastAddress");

  final @Nullable String channel;

  /** Position of the newest event of the channel that the tail was ever told of. */
  private volatile long lastPosition;

  /** Address of the newest record, or {@link EventTail#NIL}; stored after the record is whole. */
  private volatile long lastAddress;

  /** Whether the tail knows the channel by this head. The writer's own. */
  boolean known;

  TailHead(@Nullable String channel, long lastPosition) {
    this.channel = channel;
    this.lastPosition = lastPosition;
  }

  private static VarHandle handle(String field) {
    try {
      return MethodHandles.lookup().findVarHandle(TailHead.class, field, long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  long lastPosition() {
    return lastPosition;
  }

  long lastAddress() {
    return lastAddress;
  }

  /**
   * Moves on to a record that is whole. Readers learn of it in order, at the latest with the
   * commit.
   */
  void advance(long position, long address) {
    LAST_ADDRESS.setRelease(this, address);
    LAST_POSITION.setRelease(this, position);
  }

  /** Has no record any more. */
  void clear() {
    lastAddress = EventTail.NIL;
  }
}
