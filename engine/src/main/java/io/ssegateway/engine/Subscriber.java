package io.ssegateway.engine;

import io.ssegateway.engine.journal.GapReason;

/**
 * A listener inside the process. Called on one of the engine's lane threads, which serves others
 * too: must return fast. An exception is logged and counted, and ends the subscription.
 */
public interface Subscriber {
  /**
   * Takes an event.
   *
   * @return false if it cannot take it now: the event is offered again, and what follows waits in
   *     the journal, after {@link Subscription#resume}
   */
  boolean onEvent(ReceivedEvent event);

  /**
   * Is told that events may be missing.
   *
   * @param requested the id after which events were asked for
   * @param resumedAt the id after which events follow
   */
  default void onGap(GapReason reason, String requested, String resumedAt) {}

  /** The subscription is over. Called once. */
  default void onClosed(CloseReason reason) {}
}
