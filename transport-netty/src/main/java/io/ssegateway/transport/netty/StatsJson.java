package io.ssegateway.transport.netty;

import com.fasterxml.jackson.core.JsonGenerator;
import io.ssegateway.engine.ConnectionInfo;
import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.LocalSubscribers.ChannelStats;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.SourceHealth;
import io.ssegateway.engine.SourceStats;
import io.ssegateway.engine.TimeHistogram;
import io.ssegateway.engine.Timing;
import io.ssegateway.engine.journal.Journal;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/** Writes what the statistics tell as JSON. Thread-safe. */
final class StatsJson {
  /** Channels of a connection that are listed; of more, only the number is told. */
  private static final int MAX_CHANNELS_LISTED = 20;

  private final Engine engine;
  private final TransportCounters transport;
  private final long startedAtMs = System.currentTimeMillis();

  StatsJson(Engine engine, TransportCounters transport) {
    this.engine = engine;
    this.transport = transport;
  }

  /** Everything that is one figure, into the object that is open. */
  void writeTotals(JsonGenerator json) throws IOException {
    json.writeNumberField("uptime_ms", System.currentTimeMillis() - startedAtMs);
    json.writeNumberField("connection_count", engine.subscribers().total());
    json.writeNumberField("channel_count", engine.subscribers().channelCount());
    json.writeNumberField("replaying_count", engine.replaying());
    json.writeNumberField("pending_connection_count", engine.pendingConnections());
    json.writeNumberField("pending_bytes", engine.pendingBytes());
    json.writeNumberField("ring_remaining", engine.ringRemaining());
    json.writeNumberField("ring_size", engine.options().ringSize());
    json.writeObjectFieldStart("counters");
    for (Counter counter : Counter.values()) {
      json.writeNumberField(counter.label(), engine.count(counter));
    }
    json.writeEndObject();
    json.writeObjectFieldStart("transport_counters");
    for (TransportCounter counter : TransportCounter.values()) {
      json.writeNumberField(counter.label(), transport.get(counter));
    }
    json.writeEndObject();
    writeJournal(json);
    json.writeArrayFieldStart("sources");
    for (MessageSource source : engine.sources()) {
      writeSource(json, source);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("troubles");
    for (String trouble : engine.troubles()) {
      json.writeString(trouble);
    }
    json.writeEndArray();
  }

  private void writeJournal(JsonGenerator json) throws IOException {
    Journal journal = engine.journal();
    json.writeObjectFieldStart("journal");
    json.writeStringField("name", journal.name());
    json.writeStringField("epoch", journal.epoch());
    json.writeStringField("newest_id", engine.eventId(journal.newestPosition()));
    json.writeStringField("oldest_id", idOrNone(journal.oldestPosition()));
    json.writeNumberField("oldest_time_ms", journal.oldestTimeMs());
    json.writeNumberField("size_bytes", journal.sizeBytes());
    json.writeNumberField("free_bytes", journal.freeBytes());
    json.writeEndObject();
  }

  private static void writeSource(JsonGenerator json, MessageSource source) throws IOException {
    SourceHealth health = source.health();
    json.writeStartObject();
    json.writeStringField("name", source.name());
    json.writeBooleanField("up", health.up());
    json.writeStringField("detail", health.detail());
    SourceStats stats = source.stats();
    json.writeNumberField("received", stats.received());
    json.writeNumberField("invalid", stats.invalid());
    json.writeNumberField("lost", stats.lost());
    json.writeNumberField("waits", stats.waits());
    json.writeNumberField("reconnects", stats.reconnects());
    json.writeNumberField("lag", stats.lag());
    json.writeEndObject();
  }

  /** The id of a position, or the empty text for 0. */
  String idOrNone(long position) {
    return position == 0 ? "" : engine.eventId(position);
  }

  /** How long things took, as a field {@code timings}. */
  static void writeTimings(JsonGenerator json, Function<Timing, TimeHistogram> times)
      throws IOException {
    json.writeObjectFieldStart("timings");
    for (Timing timing : Timing.values()) {
      TimeHistogram histogram = times.apply(timing);
      json.writeObjectFieldStart(timing.label());
      json.writeNumberField("count", histogram.count());
      json.writeNumberField("p50_us", histogram.percentileUs(0.5));
      json.writeNumberField("p90_us", histogram.percentileUs(0.9));
      json.writeNumberField("p99_us", histogram.percentileUs(0.99));
      json.writeNumberField("p999_us", histogram.percentileUs(0.999));
      json.writeNumberField("max_us", histogram.percentileUs(1));
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  static void writeChannels(JsonGenerator json, List<ChannelStats> channels) throws IOException {
    json.writeArrayFieldStart("channels");
    for (ChannelStats channel : channels) {
      json.writeStartObject();
      json.writeStringField("channel_id", channel.channel());
      json.writeNumberField("connection_count", channel.connections());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  static void writeConnections(JsonGenerator json, List<ConnectionInfo> rows) throws IOException {
    json.writeArrayFieldStart("connections");
    for (ConnectionInfo row : rows) {
      json.writeStartObject();
      json.writeNumberField("connection_id", row.id());
      json.writeArrayFieldStart("channels");
      int listed = Math.min(MAX_CHANNELS_LISTED, row.channels().size());
      for (String channel : row.channels().subList(0, listed)) {
        json.writeString(channel);
      }
      json.writeEndArray();
      json.writeStringField("state", row.state().name());
      json.writeNumberField("channel_count", row.channels().size());
      json.writeNumberField("connected_at_ms", row.connectedAtMs());
      json.writeStringField("last_event_id", row.lastEventId());
      json.writeNumberField("pending_bytes", row.pendingBytes());
      json.writeNumberField("behind_ms", row.behindMs());
      json.writeNumberField("stalled_ms", row.stalledMs());
      json.writeStringField("remote_address", row.remoteAddress());
      json.writeStringField("transport", row.transport());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
