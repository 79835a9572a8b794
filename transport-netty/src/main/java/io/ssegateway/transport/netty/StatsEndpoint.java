package io.ssegateway.transport.netty;

import io.ssegateway.engine.ConnectionPage;
import io.ssegateway.engine.ConnectionQuery;

/**
 * {@code GET /api/stats}: totals, channels and connections. Channels and connections come in pages
 * by {@code offset} and {@code limit}; channels with the most connections first.
 */
final class StatsEndpoint extends StatsQuery {
  StatsEndpoint(StatsParts parts) {
    super(parts);
  }

  @Override
  void answer(HttpExchange exchange) {
    Paging paging = Paging.of(exchange, Integer.MAX_VALUE);
    ConnectionQuery query = ConnectionQuery.page(paging.offset(), paging.limit());
    parts.withConnections(exchange, query, page -> list(exchange, paging, page));
  }

  private void list(HttpExchange exchange, Paging paging, ConnectionPage page) {
    parts
        .thread()
        .answer(
            exchange,
            json -> {
              json.writeStartObject();
              parts.json().writeTotals(json);
              StatsJson.writeTimings(json, parts.engine()::timing);
              paging.write(json);
              StatsJson.writeChannels(
                  json,
                  ChannelList.of(
                          parts.engine().subscribers(),
                          "",
                          ChannelList.BY_CONNECTIONS,
                          paging.offset(),
                          paging.limit())
                      .channels());
              StatsJson.writeConnections(json, page.rows());
              json.writeEndObject();
            });
  }
}
