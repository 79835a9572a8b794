package io.ssegateway.sources.pubsub;

import io.ssegateway.engine.support.Checks;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Every option of a {@link GooglePubSubSource}, once: name, unit, default and bounds. Immutable.
 *
 * @param name the source's name, unique in the engine
 * @param project the Google Cloud project's id
 * @param subscription the subscription to read, which exists; null if there is a topic
 * @param topic a topic to read by a subscription of this node's own, so that each of several nodes
 *     gets every message; null if there is a subscription
 * @param channelRequired whether a message without {@code channel_id} is invalid; it goes to
 *     everyone if not
 * @param deadLetterTopic topic that gets what cannot become an event; null: it is dropped
 * @param maxOutstandingMessages most messages that are held here before they are journalled; half
 *     the ring at most. The client acknowledges ten times a second, so this bounds the rate too
 * @param maxOutstandingBytes most bytes of them
 * @param duplicateWindow how many journalled messages are remembered, so that one that comes again
 *     is only acknowledged; 0 for none
 * @param emulatorHost {@code host:port} of an emulator, which is spoken to without TLS and
 *     credentials; null for Google's service
 * @param minBackoffMs least time in ms before a failed subscriber is made anew
 * @param maxBackoffMs most time in ms before a failed subscriber is made anew
 */
public record GooglePubSubOptions(
    String name,
    String project,
    @Nullable String subscription,
    @Nullable String topic,
    boolean channelRequired,
    @Nullable String deadLetterTopic,
    int maxOutstandingMessages,
    long maxOutstandingBytes,
    int duplicateWindow,
    @Nullable String emulatorHost,
    int minBackoffMs,
    int maxBackoffMs) {

  /** Names the emulator's address in the environment, as all of Google's clients have it. */
  public static final String EMULATOR_ENVIRONMENT = "PUBSUB_EMULATOR_HOST";

  private static final Pattern PROJECT = Pattern.compile("[0-9A-Za-z.:-]{1,100}");
  private static final Pattern RESOURCE = Pattern.compile("[A-Za-z][0-9A-Za-z._~+%-]{2,254}");

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds; the text names it and its value
   */
  public GooglePubSubOptions {
    Checks.requireName("name", name);
    Checks.requireForm("project", project, PROJECT, "a project's id");
    if ((subscription == null) == (topic == null)) {
      throw new IllegalArgumentException(
          "subscription: " + subscription + ", topic: " + topic + " (expected: one of the two)");
    }
    requireResource("subscription", subscription);
    requireResource("topic", topic);
    requireResource("deadLetterTopic", deadLetterTopic);
    if (emulatorHost != null && emulatorHost.isBlank()) {
      throw new IllegalArgumentException("emulatorHost: \"\" (expected: host:port, or null)");
    }
    Checks.requireBetween("maxOutstandingMessages", maxOutstandingMessages, 1, 1_000_000);
    Checks.requireBetween("maxOutstandingBytes", maxOutstandingBytes, 1, 1L << 40);
    Checks.requireBetween("duplicateWindow", duplicateWindow, 0, 10_000_000);
    Checks.requireBetween("minBackoffMs", minBackoffMs, 1, 3_600_000);
    Checks.requireBetween("maxBackoffMs", maxBackoffMs, minBackoffMs, 3_600_000);
  }

  private static void requireResource(String option, @Nullable String value) {
    if (value != null) {
      Checks.requireForm(
          option, value, RESOURCE, "a name of 3 to 255 characters, without the project");
    }
  }

  /** Starts from the defaults for a project. */
  public static Builder builder(String project) {
    return new Builder(project);
  }

  /** Changes options one by one. Not thread-safe. */
  public static final class Builder {
    private final String project;
    private String name = "google-pubsub";
    private @Nullable String subscription;
    private @Nullable String topic;
    private boolean channelRequired;
    private @Nullable String deadLetterTopic;
    private int maxOutstandingMessages = 10_000;
    private long maxOutstandingBytes = 64L * 1024 * 1024;
    private int duplicateWindow = 16_384;
    private @Nullable String emulatorHost;
    private int minBackoffMs = 100;
    private int maxBackoffMs = 30_000;

    private Builder(String project) {
      this.project = project;
      String host = System.getenv(EMULATOR_ENVIRONMENT);
      this.emulatorHost = host == null || host.isBlank() ? null : host;
    }

    /** The source's name; {@code google-pubsub} by default. */
    public Builder name(String name) {
      this.name = name;
      return this;
    }

    /** The subscription to read. */
    public Builder subscription(@Nullable String name) {
      subscription = name;
      return this;
    }

    /** A topic to read by a subscription of this node's own. */
    public Builder topic(@Nullable String name) {
      topic = name;
      return this;
    }

    /** Whether a message without a channel is invalid; by default it goes to everyone. */
    public Builder channelRequired(boolean required) {
      channelRequired = required;
      return this;
    }

    /** Topic that gets what cannot become an event; null, the default, for none. */
    public Builder deadLetterTopic(@Nullable String name) {
      deadLetterTopic = name;
      return this;
    }

    /** Most messages that are held here before they are journalled; 10,000 by default. */
    public Builder maxOutstandingMessages(int messages) {
      maxOutstandingMessages = messages;
      return this;
    }

    /** Most bytes that are held here before they are journalled; 64 MiB by default. */
    public Builder maxOutstandingBytes(long bytes) {
      maxOutstandingBytes = bytes;
      return this;
    }

    /** How many journalled messages are remembered; 0 for none. */
    public Builder duplicateWindow(int messages) {
      duplicateWindow = messages;
      return this;
    }

    /** The emulator's {@code host:port}; by default what the environment says. */
    public Builder emulatorHost(@Nullable String hostAndPort) {
      emulatorHost = hostAndPort;
      return this;
    }

    /** Bounds in ms of the time before a failed subscriber is made anew. */
    public Builder backoffMs(int min, int max) {
      minBackoffMs = min;
      maxBackoffMs = max;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if an option is out of its bounds
     */
    public GooglePubSubOptions build() {
      return new GooglePubSubOptions(
          name,
          project,
          subscription,
          topic,
          channelRequired,
          deadLetterTopic,
          maxOutstandingMessages,
          maxOutstandingBytes,
          duplicateWindow,
          emulatorHost,
          minBackoffMs,
          maxBackoffMs);
    }
  }
}
