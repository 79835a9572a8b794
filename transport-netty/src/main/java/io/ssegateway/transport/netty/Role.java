package io.ssegateway.transport.netty;

/** What a caller may do beside listening. */
public enum Role {
  /** May publish, to the channels of its {@link Grant}. */
  PUBLISH("publishing"),
  /** May read statistics and metrics. */
  STATS("looking inside"),
  /** May do everything: also what the other roles may, and publish to every channel. */
  ADMIN("administration");

  private final String activity;

  Role(String activity) {
    this.activity = activity;
  }

  /** What it is to do that, for messages. */
  String activity() {
    return activity;
  }
}
