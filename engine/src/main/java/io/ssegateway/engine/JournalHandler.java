package io.ssegateway.engine;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.Sequence;
import io.ssegateway.engine.frame.EventId;
import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.engine.support.RateLimitedLog;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The first consumer of the ring: appends each event, commits at the end of a batch, stamps
 * positions, tells the publishers, and only then lets the lanes see the batch. Journal thread.
 */
final class JournalHandler implements EventHandler<RingEvent> {
  private final Journal journal;
  private final EventRing ring;
  private final LaneSignals lanes;
  private final CounterSet counters;
  private final RateLimitedLog failures;
  private byte[] idLinePrefix;
  private final boolean sharedJournal;
  private @Nullable Sequence progress;
  private long batchStart = -1;
  private final TimeRecorder appendTime;
  private final TimeRecorder commitTime;
  private long batchBeganNs;
  private boolean appended;
  private long lastPosition;

  JournalHandler(
      Journal journal,
      EventRing ring,
      LaneSignals lanes,
      CounterSet counters,
      Timings timings,
      Logger log) {
    this.journal = journal;
    this.ring = ring;
    this.lanes = lanes;
    this.counters = counters;
    this.failures = new RateLimitedLog(log, TimeUnit.SECONDS.toNanos(1), System::nanoTime);
    this.appendTime = timings.newRecorder(Timing.JOURNAL_APPEND);
    this.commitTime = timings.newRecorder(Timing.JOURNAL_COMMIT);
    this.idLinePrefix = EventId.idLinePrefix(journal.epoch());
    this.sharedJournal = journal.isShared();
    this.lastPosition = journal.newestPosition();
  }

  @Override
  public void setSequenceCallback(Sequence sequence) {
    progress = sequence;
  }

  @Override
  public void onEvent(RingEvent event, long sequence, boolean endOfBatch) {
    if (batchStart < 0) {
      batchStart = sequence;
      batchBeganNs = System.nanoTime();
    }
    switch (event.kind) {
      case MESSAGE -> append(event);
      case TICK -> maintain();
      case COMMITTED, BREAK -> {} // has its position already
    }
    if (endOfBatch) {
      long start = batchStart;
      batchStart = -1;
      finishBatch(start, sequence);
    }
  }

  private void append(RingEvent event) {
    appended = true;
    try {
      journal.append(event);
    } catch (Throwable e) {
      event.refused(Refusal.JOURNAL_FAILED, String.valueOf(e.getMessage()));
      contained("journal " + journal.name() + " failed to append", e);
    }
  }

  private void maintain() {
    try {
      journal.maintain();
    } catch (Throwable e) {
      contained("journal " + journal.name() + " failed in its upkeep", e);
    }
  }

  private void finishBatch(long start, long end) {
    String commitFailure = null;
    long appendedNs = System.nanoTime();
    try {
      journal.commit();
    } catch (Throwable e) {
      commitFailure = String.valueOf(e.getMessage());
      contained("journal " + journal.name() + " failed to commit", e);
    }
    if (appended) { // a tick alone commits nothing
      appended = false;
      appendTime.record(appendedNs - batchBeganNs, 1);
      commitTime.record(System.nanoTime() - appendedNs, 1);
    }
    for (long s = start; s <= end; s++) {
      RingEvent event = ring.get(s);
      if (event.kind != RingEvent.Kind.TICK) {
        finish(event, commitFailure);
      }
    }
    Sequence sequence = progress;
    if (sequence != null) {
      sequence.set(end);
    }
    lanes.signal(start, end);
  }

  private void finish(RingEvent event, @Nullable String commitFailure) {
    if (event.kind == RingEvent.Kind.BREAK) {
      idLinePrefix = EventId.idLinePrefix(journal.epoch());
      return;
    }
    if (event.kind == RingEvent.Kind.COMMITTED) {
      event.stamp(idLinePrefix);
      event.deliverable = true;
      return;
    }
    if (commitFailure != null && event.refusal == null) {
      event.refused(Refusal.JOURNAL_FAILED, commitFailure);
    }
    if (event.refusal == null && event.position <= lastPosition && !sharedJournal) {
      event.refused(
          Refusal.JOURNAL_FAILED,
          "position: " + event.position + " (expected: > " + lastPosition + ")");
    }
    PublishListener listener = event.listener;
    event.listener = null;
    Refusal refusal = event.refusal;
    if (refusal == null) {
      lastPosition = event.position;
      event.deliverable = !sharedJournal;
      if (event.deliverable) {
        event.stamp(idLinePrefix);
      }
      counters.add(Counter.PUBLISHED, 1);
    } else {
      counters.add(Counter.JOURNAL_REFUSED, 1);
    }
    if (listener != null) {
      tell(listener, event, refusal);
    }
  }

  private void tell(PublishListener listener, RingEvent event, @Nullable Refusal refusal) {
    try {
      if (refusal == null) {
        listener.onJournalled(event.listenerIndex, event.position);
      } else {
        listener.onRefused(event.listenerIndex, refusal, event.refusalDetail);
      }
    } catch (Throwable e) {
      contained("publish listener failed", e);
    }
  }

  private void contained(String what, Throwable e) {
    counters.add(Counter.CONTAINED_FAILURES, 1);
    failures.error(what, e);
  }
}
