package io.ssegateway.sources.pubsub;

/**
 * The test's Pub/Sub server in a process of its own, which {@code PUBSUB_EMULATOR_HOST} may name.
 * It prints its {@code host:port} and serves until its input ends.
 */
final class PubSubServerMain {
  private PubSubServerMain() {}

  public static void main(String[] arguments) throws Exception {
    try (PubSubServer server = new PubSubServer()) {
      server.start();
      System.out.println(server.host());
      while (System.in.read() >= 0) {
        // until whoever started it lets go
      }
    }
  }
}
