package io.ssegateway.transport.netty;

import io.ssegateway.engine.Connection;
import io.ssegateway.engine.Outlet;

/** An outlet at the beginning of its stream. Owned by the event loop. */
interface StreamOutlet extends Outlet {
  /** The connection has begun: what was gathered leaves, in one write. */
  void opened(Connection connection);

  /** The stream does not begin after all: forgets what was gathered, and closes. */
  void abandon();
}
