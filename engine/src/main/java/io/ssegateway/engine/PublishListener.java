package io.ssegateway.engine;

import io.ssegateway.engine.journal.Refusal;

/**
 * Is told what became of published messages. Called on the journal thread, before the fan-out: must
 * return fast and never block. An exception is logged and counted, and goes no further.
 */
public interface PublishListener {
  /**
   * The message is in the journal: it survives what the journal promises to survive.
   *
   * @param index index of the message in what was published
   * @param position its position
   */
  void onJournalled(int index, long position);

  /**
   * The message is not in the journal and is not delivered.
   *
   * @param index index of the message in what was published
   * @param detail for people to read
   */
  void onRefused(int index, Refusal refusal, String detail);
}
