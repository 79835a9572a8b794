package io.ssegateway.transport.netty;

import com.fasterxml.jackson.core.JsonGenerator;
import io.ssegateway.engine.ConnectionInfo;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.LocalSubscribers.ChannelStats;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.SourceHealth;
import io.ssegateway.engine.SourceStats;
import io.ssegateway.engine.journal.Journal;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;

/**
 * {@code GET /api/stats}: totals, channels and connections. Channels and connections come in pages
 * by {@code offset} and {@code limit}; channels with the most connections first.
 */
final class StatsEndpoint implements Endpoint {
  private static final int MAX_LIMIT = 1000;
  private static final int DEFAULT_LIMIT = 100;

  private final Engine engine;
  private final Access access;
  private final long startedAtMs = System.currentTimeMillis();

  StatsEndpoint(Engine engine, Access access) {
    this.engine = engine;
    this.access = access;
  }

  @Override
  public String methods() {
    return "GET, HEAD";
  }

  @Override
  public void handle(HttpExchange exchange) {
    access.require(Role.STATS, exchange, grant -> collect(exchange));
  }

  private void collect(HttpExchange exchange) {
    int offset = exchange.intQuery("offset", 0, Integer.MAX_VALUE);
    int limit = exchange.intQuery("limit", DEFAULT_LIMIT, MAX_LIMIT);
    engine
        .connections(offset, limit)
        .whenComplete(
            (rows, e) ->
                exchange
                    .channel()
                    .eventLoop()
                    .execute(() -> answer(exchange, offset, limit, rows)));
  }

  private void answer(HttpExchange exchange, int offset, int limit, List<ConnectionInfo> rows) {
    List<ChannelStats> channels =
        engine.subscribers().channels().stream()
            .sorted(
                Comparator.comparingInt(ChannelStats::connections)
                    .reversed()
                    .thenComparing(ChannelStats::channel))
            .skip(offset)
            .limit(limit)
            .toList();
    exchange.respond(
        200,
        Responses.JSON,
        Json.write(
            json -> {
              json.writeStartObject();
              writeTotals(json);
              json.writeNumberField("offset", offset);
              json.writeNumberField("limit", limit);
              writeChannels(json, channels);
              writeConnections(json, rows);
              json.writeEndObject();
            }));
  }

  private void writeTotals(JsonGenerator json) throws IOException {
    json.writeNumberField("uptime_ms", System.currentTimeMillis() - startedAtMs);
    json.writeNumberField("connection_count", engine.subscribers().total());
    json.writeNumberField("channel_count", engine.subscribers().channelCount());
    json.writeNumberField("ring_remaining", engine.ringRemaining());
    json.writeNumberField("ring_size", engine.options().ringSize());
    json.writeObjectFieldStart("counters");
    for (Counter counter : Counter.values()) {
      json.writeNumberField(counter.label(), engine.count(counter));
    }
    json.writeEndObject();
    Journal journal = engine.journal();
    json.writeObjectFieldStart("journal");
    json.writeStringField("name", journal.name());
    json.writeStringField("epoch", journal.epoch());
    json.writeStringField("newest_id", engine.eventId(journal.newestPosition()));
    long oldest = journal.oldestPosition();
    json.writeStringField("oldest_id", oldest == 0 ? "" : engine.eventId(oldest));
    json.writeNumberField("size_bytes", journal.sizeBytes());
    json.writeEndObject();
    json.writeArrayFieldStart("sources");
    for (MessageSource source : engine.sources()) {
      SourceHealth health = source.health();
      json.writeStartObject();
      json.writeStringField("name", source.name());
      json.writeBooleanField("up", health.up());
      json.writeStringField("detail", health.detail());
      SourceStats stats = source.stats();
      json.writeNumberField("received", stats.received());
      json.writeNumberField("invalid", stats.invalid());
      json.writeNumberField("waits", stats.waits());
      json.writeNumberField("reconnects", stats.reconnects());
      json.writeNumberField("lag", stats.lag());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeChannels(JsonGenerator json, List<ChannelStats> channels)
      throws IOException {
    json.writeArrayFieldStart("channels");
    for (ChannelStats channel : channels) {
      json.writeStartObject();
      json.writeStringField("channel_id", channel.channel());
      json.writeNumberField("connection_count", channel.connections());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeConnections(JsonGenerator json, List<ConnectionInfo> rows)
      throws IOException {
    json.writeArrayFieldStart("connections");
    for (ConnectionInfo row : rows) {
      json.writeStartObject();
      json.writeNumberField("connection_id", row.id());
      json.writeArrayFieldStart("channels");
      for (String channel : row.channels()) {
        json.writeString(channel);
      }
      json.writeEndArray();
      json.writeStringField("state", row.state().name());
      json.writeNumberField("connected_at_ms", row.connectedAtMs());
      json.writeStringField("last_event_id", row.lastEventId());
      json.writeNumberField("pending_bytes", row.pendingBytes());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
