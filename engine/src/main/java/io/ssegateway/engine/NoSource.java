package io.ssegateway.engine;

/** A source that never publishes: for an engine that is fed by {@link Engine#publisher} alone. */
public final class NoSource implements MessageSource {
  @Override
  public String name() {
    return "none";
  }

  @Override
  public void start(SourceContext context) {
    // nothing to start
  }

  @Override
  public void close() {
    // nothing to stop
  }
}
