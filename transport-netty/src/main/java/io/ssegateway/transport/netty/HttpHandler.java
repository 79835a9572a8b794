package io.ssegateway.transport.netty;

/**
 * Answers the requests of a path that a program adds to the {@link Gateway}. Called on event loops,
 * several at a time: thread-safe, and never blocks.
 */
@FunctionalInterface
public interface HttpHandler {
  /**
   * Answers the call, now or later. An exception is logged and answered by 500.
   *
   * @param call to be answered once
   */
  void handle(HttpCall call);
}
