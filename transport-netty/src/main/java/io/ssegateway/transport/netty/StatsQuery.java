package io.ssegateway.transport.netty;

/** What callers with {@link Role#STATS} may ask for by {@code GET}. */
abstract class StatsQuery implements Endpoint {
  final StatsParts parts;

  StatsQuery(StatsParts parts) {
    this.parts = parts;
  }

  @Override
  public final String methods() {
    return "GET, HEAD";
  }

  @Override
  public final void handle(HttpExchange exchange) {
    parts.requireStats(exchange, grant -> answer(exchange));
  }

  /** Answers, now or later, a caller who may know. On the event loop. */
  abstract void answer(HttpExchange exchange);
}
