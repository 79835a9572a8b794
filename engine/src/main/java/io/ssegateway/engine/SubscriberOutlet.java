package io.ssegateway.engine;

import io.ssegateway.engine.frame.DecodedFrame;
import io.ssegateway.engine.frame.EventId;
import io.ssegateway.engine.journal.GapReason;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Hands events to a {@link Subscriber}. Owned by its lane. */
final class SubscriberOutlet implements EventOutlet, Subscription {
  private final Lane lane;
  private final Subscriber subscriber;
  private final Logger log;
  private volatile boolean writable = true;
  private volatile @Nullable Connection connection;
  private boolean closed;

  SubscriberOutlet(Lane lane, Subscriber subscriber, Logger log) {
    this.lane = lane;
    this.subscriber = subscriber;
    this.log = log;
  }

  void opened(Connection c) {
    connection = c;
  }

  @Override
  public boolean offerEvent(
      long position, @Nullable String channel, DirectBuffer buffer, int offset, int length) {
    DecodedFrame frame = DecodedFrame.decode(buffer, offset, length);
    ReceivedEvent event =
        new ReceivedEvent(
            EventId.format(lane.epoch(), position),
            channel,
            frame.type(),
            frame.data(),
            frame.publisherId(),
            frame.trace());
    try {
      writable = true;
      if (!subscriber.onEvent(event)) {
        writable = false;
      }
      return writable;
    } catch (Throwable e) {
      failed(e);
      return true;
    }
  }

  @Override
  public boolean offerGap(GapReason reason, String requested, long resumeAfter) {
    try {
      subscriber.onGap(reason, requested, EventId.format(lane.epoch(), resumeAfter));
    } catch (Throwable e) {
      failed(e);
    }
    return true;
  }

  private void failed(Throwable e) {
    lane.counters().add(Counter.CONTAINED_FAILURES, 1);
    log.error("subscriber {} failed: its subscription ends", subscriber, e);
    Connection c = connection;
    if (c != null) {
      c.close(CloseReason.ERROR);
    }
  }

  @Override
  public boolean offer(DirectBuffer buffer, int offset, int length) {
    throw new UnsupportedOperationException("takes events, not bytes");
  }

  @Override
  public boolean isWritable() {
    return writable;
  }

  @Override
  public int pendingBytes() {
    return 0;
  }

  @Override
  public String transport() {
    return "in-process";
  }

  @Override
  public void close(CloseReason reason) {
    if (closed) {
      return;
    }
    closed = true;
    try {
      subscriber.onClosed(reason);
    } catch (Throwable e) {
      lane.counters().add(Counter.CONTAINED_FAILURES, 1);
      log.error("subscriber {} failed when it was told of the end", subscriber, e);
    }
  }

  @Override
  public void resume() {
    lane.executor()
        .execute(
            () -> {
              Connection c = connection;
              if (c != null) {
                writable = true;
                c.onWritable();
              }
            });
  }

  @Override
  public void close() {
    lane.executor()
        .execute(
            () -> {
              Connection c = connection;
              if (c != null) {
                c.close(CloseReason.CLIENT);
              }
            });
  }
}
