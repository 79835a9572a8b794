package io.ssegateway.transport.netty;

import io.ssegateway.engine.Connection;
import io.ssegateway.engine.Outlet;
import org.jspecify.annotations.Nullable;

/** An outlet at the beginning of its stream. Owned by the event loop. */
interface StreamOutlet extends Outlet {
  /**
   * Compresses what is offered. To be called before anything is.
   *
   * @param encoder the event loop's, or null not to
   */
  void compress(@Nullable StreamEncoder encoder);

  /** Tells the access log what becomes of the stream. To be called before anything is offered. */
  void record(AccessRecord accessRecord);

  /**
   * The connection has begun: what was gathered leaves, in one write.
   *
   * @param connection null if the stream is none of the engine's: then nobody is told of its end
   */
  void opened(@Nullable Connection connection);

  /** Whether the client is still there, as far as is known. */
  boolean isOpen();

  /** The stream does not begin after all: forgets what was gathered, and closes. */
  void abandon();
}
