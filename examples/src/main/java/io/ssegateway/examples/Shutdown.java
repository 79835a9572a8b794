package io.ssegateway.examples;

import io.ssegateway.transport.netty.Gateway;

/** Ends an example as a server should end. */
final class Shutdown {
  private Shutdown() {}

  /**
   * Keeps the program alive until Ctrl-C or SIGTERM. Then streams are ended one after the other, so
   * that clients do not all come back at once.
   */
  static void drainAtTheEnd(Gateway gateway) throws InterruptedException {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  gateway.drain();
                  gateway.close();
                }));
    Thread.currentThread().join();
  }
}
