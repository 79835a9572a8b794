package io.ssegateway.engine;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The way into the ring. Thread-safe; never blocks unless a method says so. */
public interface EventPublisher {
  /** Offers one message whose fate nobody wants to hear of. */
  default PublishResult publish(Message message) {
    return publish(message, null);
  }

  /**
   * Offers one message.
   *
   * @param listener told once what became of it if the result is {@link PublishResult#PUBLISHED},
   *     or null
   */
  PublishResult publish(Message message, @Nullable PublishListener listener);

  /**
   * Offers messages that are taken together, and next to each other, or not at all.
   *
   * @param messages at most {@link #maxBatch()}
   * @param listener told once for each message if the result is {@link PublishResult#PUBLISHED}, or
   *     null
   */
  PublishResult publish(List<Message> messages, @Nullable PublishListener listener);

  /** Most messages of one batch. */
  int maxBatch();

  /** Most bytes of one payload. */
  int maxPayloadBytes();

  /**
   * Offers one message again and again, waiting in between, until it is taken or never will be. For
   * sources with a thread of their own; never for an event loop.
   *
   * @return anything but {@link PublishResult#BACK_PRESSURED} and {@link
   *     PublishResult#JOURNAL_UNAVAILABLE}
   * @throws InterruptedException if the thread was interrupted while it waited
   */
  default PublishResult publishOrWait(Message message, @Nullable PublishListener listener)
      throws InterruptedException {
    long pauseNs = TimeUnit.MICROSECONDS.toNanos(50);
    while (true) {
      PublishResult result = publish(message, listener);
      if (result != PublishResult.BACK_PRESSURED && result != PublishResult.JOURNAL_UNAVAILABLE) {
        return result;
      }
      LockSupport.parkNanos(pauseNs);
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while the ring or the journal was full");
      }
      pauseNs = Math.min(pauseNs * 2, TimeUnit.MILLISECONDS.toNanos(10));
    }
  }
}
