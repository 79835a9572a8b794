package io.ssegateway.engine;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.WaitStrategy;
import io.ssegateway.engine.frame.SseFrame;
import io.ssegateway.engine.frame.TraceContext;
import io.ssegateway.engine.journal.CommittedEventSink;
import io.ssegateway.engine.journal.Journal;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The ring buffer with its publishing side: claims, encodes, publishes. Thread-safe.
 *
 * <p>Its consumers are the journal processor, and behind it the lanes, whose sequences gate the
 * ring.
 */
final class EventRing implements EventPublisher, CommittedEventSink {
  private final RingBuffer<RingEvent> ring;
  private final UnsafeBuffer slab;
  private final LargeEventBuffers largeEvents;
  private final Journal journal;
  private final InstantSource clock;
  private final Counters counters;
  private final int maxPayloadBytes;
  private final boolean tellsTraces;
  private volatile boolean open;

  EventRing(
      int size,
      int slotBytes,
      long largeEventBytes,
      int maxPayloadBytes,
      boolean tellsTraces,
      WaitStrategy waitStrategy,
      Journal journal,
      InstantSource clock,
      Counters counters) {
    this.slab = new UnsafeBuffer(BufferUtil.allocateDirectAligned(size * slotBytes, 64));
    this.largeEvents = new LargeEventBuffers(largeEventBytes);
    this.maxPayloadBytes = maxPayloadBytes;
    this.tellsTraces = tellsTraces;
    this.journal = journal;
    this.clock = clock;
    this.counters = counters;
    int[] next = {0};
    this.ring =
        RingBuffer.createMultiProducer(
            () -> new RingEvent(new UnsafeBuffer(slab, next[0]++ * slotBytes, slotBytes)),
            size,
            waitStrategy);
  }

  /** The processor that runs the journal handler; gates the ring until a lane does. */
  BatchEventProcessor<RingEvent> newJournalProcessor(JournalHandler handler, int maxBatchSize) {
    BatchEventProcessor<RingEvent> processor =
        new BatchEventProcessorBuilder()
            .setMaxBatchSize(maxBatchSize)
            .build(ring, ring.newBarrier(), handler);
    ring.addGatingSequences(processor.getSequence());
    return processor;
  }

  RingEvent get(long sequence) {
    return ring.get(sequence);
  }

  long cursor() {
    return ring.getCursor();
  }

  int size() {
    return ring.getBufferSize();
  }

  long remainingCapacity() {
    return ring.remainingCapacity();
  }

  void addGate(Sequence sequence) {
    ring.addGatingSequences(sequence);
  }

  void removeGate(Sequence sequence) {
    ring.removeGatingSequence(sequence);
  }

  long minimumGate() {
    return ring.getMinimumGatingSequence();
  }

  void openForPublishing() {
    open = true;
  }

  void closeForPublishing() {
    open = false;
  }

  @Override
  public int maxBatch() {
    return ring.getBufferSize() / 2;
  }

  @Override
  public int maxPayloadBytes() {
    return maxPayloadBytes;
  }

  @Override
  public PublishResult publish(Message message, @Nullable PublishListener listener) {
    PublishResult refused = precheck();
    if (refused != null) {
      return refused;
    }
    byte[] data = message.bytes();
    if (data.length > maxPayloadBytes) {
      return PublishResult.TOO_LARGE;
    }
    UnsafeBuffer payload = new UnsafeBuffer(data);
    return publish(
        RingEvent.Kind.MESSAGE,
        message.channel(),
        message.type(),
        message.id(),
        message.retryMs(),
        message.sourceOffset(),
        traceOf(message),
        clock.millis(),
        payload,
        0,
        data.length,
        0,
        listener);
  }

  private @Nullable TraceContext traceOf(Message message) {
    return tellsTraces ? message.traceContext() : null;
  }

  private @Nullable PublishResult precheck() {
    if (!open) {
      return PublishResult.CLOSED;
    }
    if (journal.refusesBecause() != null) {
      counters.addShared(Counter.JOURNAL_UNAVAILABLE, 1);
      return PublishResult.JOURNAL_UNAVAILABLE;
    }
    return null;
  }

  private PublishResult publish(
      RingEvent.Kind kind,
      @Nullable String channel,
      String type,
      @Nullable String publisherId,
      int retryMs,
      @Nullable SourceOffset sourceOffset,
      @Nullable TraceContext traceContext,
      long publishTimeMs,
      UnsafeBuffer payload,
      int from,
      int length,
      long committedPosition,
      @Nullable PublishListener listener) {
    int lineBreaks = SseFrame.countLineBreaks(payload, from, length);
    int capacity = RingEvent.requiredCapacity(type, publisherId, traceContext, length, lineBreaks);
    UnsafeBuffer borrowed = null;
    if (capacity > homeCapacity()) {
      borrowed = largeEvents.acquire(capacity, ring);
      if (borrowed == null) {
        return backPressured();
      }
    }
    long sequence;
    try {
      sequence = ring.tryNext();
    } catch (InsufficientCapacityException e) {
      if (borrowed != null) {
        largeEvents.giveBack(borrowed);
      }
      return backPressured();
    }
    RingEvent event = ring.get(sequence);
    boolean filled = false;
    try {
      event.fill(
          kind,
          channel,
          type,
          publisherId,
          retryMs,
          sourceOffset,
          traceContext,
          publishTimeMs,
          System.nanoTime(),
          payload,
          from,
          length,
          lineBreaks,
          borrowed,
          listener,
          0);
      event.position = committedPosition;
      filled = true;
    } finally {
      if (borrowed != null) {
        largeEvents.attach(borrowed, sequence);
      }
      if (!filled) {
        event.fillTick(); // never half a message
      }
      ring.publish(sequence);
    }
    return PublishResult.PUBLISHED;
  }

  private PublishResult backPressured() {
    counters.addShared(Counter.BACK_PRESSURED, 1);
    return PublishResult.BACK_PRESSURED;
  }

  private int homeCapacity() {
    return ring.get(0).homeCapacity();
  }

  @Override
  public PublishResult publish(List<Message> messages, @Nullable PublishListener listener) {
    int count = messages.size();
    if (count == 0) {
      return PublishResult.PUBLISHED;
    }
    PublishResult refused = precheck();
    if (refused != null) {
      return refused;
    }
    if (count > maxBatch()) {
      return PublishResult.TOO_LARGE;
    }
    UnsafeBuffer[] payloads = new UnsafeBuffer[count];
    int[] lineBreaks = new int[count];
    @Nullable UnsafeBuffer[] borrowed = new @Nullable UnsafeBuffer[count];
    for (int i = 0; i < count; i++) {
      Message message = messages.get(i);
      if (message.dataLength() > maxPayloadBytes) {
        giveBack(borrowed);
        return PublishResult.TOO_LARGE;
      }
      payloads[i] = new UnsafeBuffer(message.bytes());
      lineBreaks[i] = SseFrame.countLineBreaks(payloads[i], 0, message.dataLength());
      int capacity =
          RingEvent.requiredCapacity(
              message.type(), message.id(), traceOf(message), message.dataLength(), lineBreaks[i]);
      if (capacity > homeCapacity()) {
        borrowed[i] = acquire(capacity, borrowed);
        if (borrowed[i] == null) {
          giveBack(borrowed);
          return backPressured();
        }
      }
    }
    long last;
    try {
      last = ring.tryNext(count);
    } catch (InsufficientCapacityException e) {
      giveBack(borrowed);
      return backPressured();
    }
    long first = last - count + 1;
    int filled = 0;
    try {
      long now = clock.millis();
      long nowNs = System.nanoTime();
      for (int i = 0; i < count; i++) {
        Message message = messages.get(i);
        UnsafeBuffer buffer = borrowed[i];
        ring.get(first + i)
            .fill(
                RingEvent.Kind.MESSAGE,
                message.channel(),
                message.type(),
                message.id(),
                message.retryMs(),
                message.sourceOffset(),
                traceOf(message),
                now,
                nowNs,
                payloads[i],
                0,
                message.dataLength(),
                lineBreaks[i],
                buffer,
                listener,
                i);
        filled++;
      }
    } finally {
      for (int i = 0; i < count; i++) {
        UnsafeBuffer buffer = borrowed[i];
        if (buffer != null) {
          largeEvents.attach(buffer, first + i);
        }
        if (filled < count) {
          ring.get(first + i).fillTick(); // together or not at all
        }
      }
      ring.publish(first, last);
    }
    return PublishResult.PUBLISHED;
  }

  private @Nullable UnsafeBuffer acquire(int capacity, @Nullable UnsafeBuffer[] borrowed) {
    try {
      return largeEvents.acquire(capacity, ring);
    } catch (OutOfMemoryError e) {
      giveBack(borrowed);
      throw e;
    }
  }

  private void giveBack(@Nullable UnsafeBuffer[] borrowed) {
    for (UnsafeBuffer buffer : borrowed) {
      if (buffer != null) {
        largeEvents.giveBack(buffer);
      }
    }
  }

  @Override
  public boolean onCommitted(
      long position,
      @Nullable String channel,
      String type,
      @Nullable String publisherId,
      int retryMs,
      @Nullable TraceContext traceContext,
      long publishTimeMs,
      DirectBuffer payload,
      int offset,
      int length)
      throws InterruptedException {
    UnsafeBuffer view = new UnsafeBuffer(payload, offset, length);
    while (open) {
      PublishResult result =
          publish(
              RingEvent.Kind.COMMITTED,
              channel,
              type,
              publisherId,
              retryMs,
              null,
              traceContext,
              publishTimeMs,
              view,
              0,
              length,
              position,
              null);
      if (result == PublishResult.PUBLISHED) {
        return true;
      }
      LockSupport.parkNanos(100_000);
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while the ring was full");
      }
    }
    return false;
  }

  @Override
  public boolean onBreak(long position) throws InterruptedException {
    while (open) {
      long sequence;
      try {
        sequence = ring.tryNext();
      } catch (InsufficientCapacityException e) {
        LockSupport.parkNanos(100_000);
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while the ring was full");
        }
        continue;
      }
      try {
        ring.get(sequence).fillBreak(position);
      } finally {
        ring.publish(sequence);
      }
      return true;
    }
    return false;
  }

  /** Gives the journal thread the time for its upkeep; does nothing if the ring is full. */
  void tick() {
    largeEvents.reclaim(ring);
    long sequence;
    try {
      sequence = ring.tryNext();
    } catch (InsufficientCapacityException e) {
      return; // it is busy, and comes round to its upkeep with the next tick
    }
    try {
      ring.get(sequence).fillTick();
    } finally {
      ring.publish(sequence);
    }
  }
}
