package io.ssegateway.transport.netty;

import io.ssegateway.engine.ConnectionPage;
import io.ssegateway.engine.ConnectionQuery;
import io.ssegateway.engine.ConnectionQuery.Order;
import io.ssegateway.engine.ConnectionQuery.States;
import java.util.Locale;

/**
 * {@code GET /api/connections}: the streams, by page. {@code channel_id} keeps those of a channel,
 * {@code q} those with a text in a channel's name or in their address, {@code state} those that are
 * {@code live} or {@code replaying}; {@code sort} is one of {@link Order} in lower case.
 */
final class ConnectionsEndpoint extends StatsQuery {
  ConnectionsEndpoint(StatsParts parts) {
    super(parts);
  }

  @Override
  void answer(HttpExchange exchange) {
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
    parts.withConnections(exchange, query, page -> list(exchange, paging, page));
  }

  private void list(HttpExchange exchange, Paging paging, ConnectionPage page) {
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
