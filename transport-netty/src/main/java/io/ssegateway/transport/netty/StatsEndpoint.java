package io.ssegateway.transport.netty;

import io.ssegateway.engine.ConnectionPage;
import io.ssegateway.engine.ConnectionQuery;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/stats}: totals, channels and connections. Channels and connections come in pages
 * by {@code offset} and {@code limit}; channels with the most connections first.
 */
final class StatsEndpoint implements Endpoint {
  private final StatsParts parts;

  StatsEndpoint(StatsParts parts) {
    this.parts = parts;
  }

  @Override
  public String methods() {
    return "GET, HEAD";
  }

  @Override
  public void handle(HttpExchange exchange) {
    parts.requireStats(exchange, grant -> collect(exchange));
  }

  private void collect(HttpExchange exchange) {
    Paging paging = Paging.of(exchange, Integer.MAX_VALUE);
    parts
        .engine()
        .connections(ConnectionQuery.page(paging.offset(), paging.limit()))
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
