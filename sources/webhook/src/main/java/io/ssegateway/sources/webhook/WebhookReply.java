package io.ssegateway.sources.webhook;

/** Takes the answer to one webhook request, so that nobody has to wait for the journal. */
@FunctionalInterface
public interface WebhookReply {
  /**
   * The request is done with. Called exactly once: by the thread that called {@link
   * WebhookSource#handle} if the request was turned away, else by the journal thread. Must return
   * fast and never block.
   */
  void answer(WebhookResult result);
}
