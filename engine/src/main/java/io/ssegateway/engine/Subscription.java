package io.ssegateway.engine;

/** A {@link Subscriber}'s hold on its stream. Thread-safe. */
public interface Subscription extends AutoCloseable {
  /** Says that the subscriber can take events again, after it declined one. */
  void resume();

  /** Ends the stream; the subscriber may still be called until it is told of the end. */
  @Override
  void close();
}
