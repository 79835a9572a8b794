package io.ssegateway.sources.redis;

import io.ssegateway.engine.EventPublisher;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.journal.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Messages that are offered until each is in the journal or never will be: what a source may leave
 * behind for good. Used by one source thread; the outcomes come on the journal's.
 */
final class JournalledBatch {
  private static final int JOURNALLED = 1;
  private static final int TOO_LARGE = 2;
  private static final int REFUSED = 3;
  private static final int PAUSE_MS = 50;

  /** What is counted. */
  interface Counts {
    void waited();

    void tooLarge(Message message, String why);

    void refused(String why);
  }

  private final EventPublisher publisher;
  private final Counts counts;

  JournalledBatch(EventPublisher publisher, Counts counts) {
    this.publisher = publisher;
    this.counts = counts;
  }

  /**
   * Publishes messages in order and waits until all are in the journal.
   *
   * @return false if the engine is closed
   */
  boolean publish(List<Message> messages) throws InterruptedException {
    List<Message> left = messages;
    while (!left.isEmpty()) {
      Round round = new Round(left);
      if (!round.offer()) {
        return false;
      }
      round.told.await();
      List<Message> again = round.refused();
      if (!again.isEmpty()) {
        Thread.sleep(PAUSE_MS);
      }
      left = again;
    }
    return true;
  }

  /**
   * Puts a message into the ring without asking whether the journal took it.
   *
   * @return false if the engine is closed
   */
  boolean offer(Message message) throws InterruptedException {
    return publisher.publishOrWait(message, null) == PublishResult.PUBLISHED;
  }

  private final class Round implements PublishListener {
    private final List<Message> messages;
    private final AtomicIntegerArray outcomes;
    private final CountDownLatch told;

    Round(List<Message> messages) {
      this.messages = messages;
      this.outcomes = new AtomicIntegerArray(messages.size());
      this.told = new CountDownLatch(messages.size());
    }

    boolean offer() throws InterruptedException {
      for (int i = 0; i < messages.size(); i++) {
        Message message = messages.get(i);
        PublishListener listener = at(i);
        PublishResult result = publisher.publish(message, listener);
        if (result == PublishResult.BACK_PRESSURED || result == PublishResult.JOURNAL_UNAVAILABLE) {
          counts.waited();
          result = publisher.publishOrWait(message, listener);
        }
        if (result == PublishResult.CLOSED) {
          return false;
        }
        if (result == PublishResult.TOO_LARGE) {
          onRefused(
              i,
              Refusal.RECORD_TOO_LARGE,
              "payload: "
                  + message.dataLength()
                  + " bytes (expected: at most "
                  + publisher.maxPayloadBytes()
                  + ")");
        }
      }
      return true;
    }

    private PublishListener at(int index) {
      return new PublishListener() {
        @Override
        public void onJournalled(int always0, long position) {
          Round.this.onJournalled(index, position);
        }

        @Override
        public void onRefused(int always0, Refusal refusal, String detail) {
          Round.this.onRefused(index, refusal, detail);
        }
      };
    }

    @Override
    public void onJournalled(int index, long position) {
      outcomes.set(index, JOURNALLED);
      told.countDown();
    }

    @Override
    public void onRefused(int index, Refusal refusal, String detail) {
      if (refusal == Refusal.RECORD_TOO_LARGE) {
        outcomes.set(index, TOO_LARGE);
        counts.tooLarge(messages.get(index), detail);
      } else {
        outcomes.set(index, REFUSED);
        counts.refused(detail);
      }
      told.countDown();
    }

    /**
     * What has to be offered again. One that others have overtaken goes without its place: with it,
     * a journal that keeps the places of a log in order would take it for one that it has already.
     */
    List<Message> refused() {
      List<Message> again = new ArrayList<>();
      boolean overtaken = false;
      for (int i = messages.size() - 1; i >= 0; i--) {
        if (outcomes.get(i) == JOURNALLED) {
          overtaken = true;
        } else if (outcomes.get(i) == REFUSED) {
          Message message = messages.get(i);
          again.add(0, overtaken ? message.withoutSourceOffset() : message);
        }
      }
      return again;
    }
  }
}
