package io.ssegateway.transport.netty;

import io.ssegateway.engine.ConnectionPage;
import io.ssegateway.engine.ConnectionQuery;
import io.ssegateway.engine.Engine;
import java.util.function.Consumer;

/** What the endpoints of operators share. Thread-safe. */
final class StatsParts {
  private final Engine engine;
  private final Access access;
  private final StatsThread thread;
  private final StatsJson json;
  private final StatsFeed feed;

  StatsParts(Engine engine, Access access, StatsThread thread, TransportCounters transport) {
    this.engine = engine;
    this.access = access;
    this.thread = thread;
    this.json = new StatsJson(engine, transport);
    this.feed = new StatsFeed(engine, json, thread);
  }

  Engine engine() {
    return engine;
  }

  StatsThread thread() {
    return thread;
  }

  StatsJson json() {
    return json;
  }

  StatsFeed feed() {
    return feed;
  }

  /** Goes on with the connections that were asked for, later. */
  void withConnections(
      HttpExchange exchange, ConnectionQuery query, Consumer<ConnectionPage> then) {
    engine
        .connections(query)
        .whenComplete(
            (page, failure) ->
                exchange.onLoop(
                    () -> {
                      if (page == null) {
                        throw HttpProblem.of(500, "the connections could not be listed");
                      }
                      then.accept(page);
                    }));
  }

  /** Goes on, at once or later, if the caller may look inside. */
  void requireStats(HttpExchange exchange, Consumer<Grant> then) {
    access.require(Role.STATS, exchange, then);
  }

  /** Goes on, at once or later, if the caller may change what he sees. */
  void requireAdmin(HttpExchange exchange, Consumer<Grant> then) {
    access.require(Role.ADMIN, exchange, then);
  }

  /** Whether what a caller may do has ended. */
  boolean isOver(Grant grant) {
    return access.isOver(grant);
  }
}
