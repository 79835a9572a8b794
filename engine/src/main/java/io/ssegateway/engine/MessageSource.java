package io.ssegateway.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where messages come from: a broker's client, a timer, anything. Handed to the engine before it
 * starts. An exception out of any method is logged and counted, and goes no further, except that a
 * failing {@link #start} stops the engine's start.
 *
 * <p>The methods that tell of channels and connections are called on one thread of the engine's, in
 * the order in which things happened to a channel; they may be late, and should not block for long.
 */
public interface MessageSource extends AutoCloseable {
  /** A short name for logs and stats, such as {@code redis}. */
  String name();

  /**
   * Starts to publish. Called once. A source that needs a connection elsewhere starts without one
   * and tells by {@link #health} that it has none.
   *
   * @throws Exception if it can never work: the configuration is wrong
   */
  void start(SourceContext context) throws Exception;

  /**
   * A channel has got its first connection here. A source that is far behind is told of the newest
   * state of each channel alone.
   */
  default void onFirstSubscriber(String channel) {}

  /** A channel has lost its last connection here. */
  default void onLastSubscriber(String channel) {}

  /**
   * A connection has begun. Told of none, neither now nor at its end, that began while the source
   * was far behind; it is counted as {@link Counter#SOURCE_NEWS_DROPPED}.
   *
   * @param subject who listens; null if nobody knows
   */
  default void onConnect(long connectionId, @Nullable String subject, List<String> channels) {}

  /**
   * A connection has ended.
   *
   * @param subject as it was told when the connection began
   */
  default void onDisconnect(
      long connectionId, @Nullable String subject, List<String> channels, CloseReason reason) {}

  /** How it is. Thread-safe and cheap. */
  default SourceHealth health() {
    return SourceHealth.UP;
  }

  /** What it has counted. Thread-safe and cheap. */
  default SourceStats stats() {
    return SourceStats.NONE;
  }

  /**
   * Stops publishing; returns when nothing more comes. Called once, also if start failed, and also
   * if it was never called because another part of the engine could not start.
   */
  @Override
  void close();
}
