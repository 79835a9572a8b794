package io.ssegateway.transport.netty;

import io.ssegateway.engine.ConnectionPage;
import io.ssegateway.engine.ConnectionQuery;
import io.ssegateway.engine.ConnectionQuery.Order;
import io.ssegateway.engine.ConnectionQuery.States;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/connections}: the streams, by page. {@code channel_id} keeps those of a channel,
 * {@code q} those with a text in a channel's name or in their address, {@code state} those that are
 * {@code live} or {@code replaying}; {@code sort} is one of {@link Order} in lower case.
 */
final class ConnectionsEndpoint implements Endpoint {
  private final StatsParts parts;

  ConnectionsEndpoint(StatsParts parts) {
    this.parts = parts;
  }

  @Override
  public String methods() {
    return "GET, HEAD";
  }

  @Override
  public void handle(HttpExchange exchange) {
    parts.requireStats(exchange, grant -> list(exchange));
  }

  private void list(HttpExchange exchange) {
    Order order =
        Order.valueOf(
            exchange
                .choiceQuery("sort", "place", "oldest", "newest", "pending", "behind")
                .toUpperCase(Locale.ROOT));
    int maxRow = order == Order.PLACE ? Integer.MAX_VALUE : ConnectionQuery.MAX_ORDERED;
    Paging paging = Paging.of(exchange, maxRow);
    ConnectionQuery query =
        new ConnectionQuery(
            exchange.firstQuery("channel_id"),
            exchange.firstQuery("q"),
            States.valueOf(
                exchange.choiceQuery("state", "any", "live", "replaying").toUpperCase(Locale.ROOT)),
            order,
            paging.offset(),
            paging.limit());
    parts
        .engine()
        .connections(query)
        .whenComplete((page, failure) -> exchange.onLoop(() -> answer(exchange, paging, page)));
  }

  private void answer(HttpExchange exchange, Paging paging, @Nullable ConnectionPage page) {
    if (page == null) {
      throw HttpProblem.of(500, "the connections could not be listed");
    }
    parts
        .thread()
        .answer(
            exchange,
            json -> {
              json.writeStartObject();
              json.writeNumberField("matched", page.matched());
              paging.write(json);
              StatsJson.writeConnections(json, page.rows());
              json.writeEndObject();
            });
  }
}
