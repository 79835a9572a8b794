package io.ssegateway.engine;

import org.jspecify.annotations.Nullable;

/**
 * A source that the program feeds: hand it to whatever produces messages before the engine exists.
 * Thread-safe.
 */
public final class ProgrammaticSource implements MessageSource {
  private final String name;
  private volatile @Nullable EventPublisher publisher;

  /** A source named {@code program}. */
  public ProgrammaticSource() {
    this("program");
  }

  /** A source with a name for logs and stats. */
  public ProgrammaticSource(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void start(SourceContext context) {
    publisher = context.publisher();
  }

  /**
   * Offers a message; {@link PublishResult#CLOSED} before the engine starts and after it closed.
   */
  public PublishResult publish(Message message) {
    return publish(message, null);
  }

  /** Offers a message and hears what becomes of it; see {@link EventPublisher}. */
  public PublishResult publish(Message message, @Nullable PublishListener listener) {
    EventPublisher p = publisher;
    return p == null ? PublishResult.CLOSED : p.publish(message, listener);
  }

  @Override
  public void close() {
    publisher = null;
  }
}
