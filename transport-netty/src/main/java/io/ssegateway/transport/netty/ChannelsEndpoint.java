package io.ssegateway.transport.netty;

import io.ssegateway.engine.LocalSubscribers.ChannelStats;
import java.util.Comparator;

/**
 * {@code GET /api/channels}: the channels that have connections, by page. {@code q} keeps those
 * with a text in their name; {@code sort} is {@code connections} or {@code name}.
 */
final class ChannelsEndpoint extends StatsQuery {
  ChannelsEndpoint(StatsParts parts) {
    super(parts);
  }

  @Override
  void answer(HttpExchange exchange) {
    Paging paging = Paging.of(exchange, ChannelList.MAX_LISTED);
    String query = exchange.firstQuery("q");
    String text = query == null ? "" : query;
    Comparator<ChannelStats> order =
        switch (exchange.choiceQuery("sort", "connections", "name")) {
          case "name" -> ChannelList.BY_NAME;
          default -> ChannelList.BY_CONNECTIONS;
        };
    parts
        .thread()
        .answer(
            exchange,
            json -> {
              ChannelList list =
                  ChannelList.of(
                      parts.engine().subscribers(), text, order, paging.offset(), paging.limit());
              json.writeStartObject();
              json.writeNumberField("matched", list.matched());
              paging.write(json);
              StatsJson.writeChannels(json, list.channels());
              json.writeEndObject();
            });
  }
}
