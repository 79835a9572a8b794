package io.ssegateway.transport.netty;

/** Answers the requests of one path. Called on event loops; must not block. */
interface Endpoint {
  /** The methods it answers, besides OPTIONS, separated by {@code ", "}. */
  String methods();

  /**
   * Answers at once or later.
   *
   * @throws HttpProblem to answer with a problem
   */
  void handle(HttpExchange exchange);
}
