package io.ssegateway.transport.netty;

import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.Journal;

/**
 * {@code GET /api/channels/ID}: how many listen to a channel, and the ids to begin with: {@code
 * cursor} to get what is published from now on, {@code oldest_id} to get all that is left. A
 * channel that nobody listens to is answered like any other.
 */
final class ChannelEndpoint extends StatsQuery {
  ChannelEndpoint(StatsParts parts) {
    super(parts);
  }

  @Override
  void answer(HttpExchange exchange) {
    String channel = exchange.lastSegment();
    try {
      Message.requireChannel(channel);
    } catch (IllegalArgumentException e) {
      throw HttpProblem.badRequest(String.valueOf(e.getMessage()));
    }
    Engine engine = parts.engine();
    Journal journal = engine.journal();
    byte[] content =
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("channel_id", channel);
              json.writeNumberField("connection_count", engine.subscribers().count(channel));
              json.writeStringField("cursor", engine.eventId(journal.newestPosition()));
              json.writeStringField(
                  "newest_id", parts.json().idOrNone(journal.newestPosition(channel)));
              long oldest = journal.oldestPosition();
              json.writeStringField("oldest_id", oldest == 0 ? "" : engine.eventId(oldest - 1));
              json.writeEndObject();
            });
    exchange.respond(200, Responses.JSON, content);
  }
}
