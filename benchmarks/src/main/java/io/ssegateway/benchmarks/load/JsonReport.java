package io.ssegateway.benchmarks.load;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a report as JSON, with every round. */
final class JsonReport {
  private JsonReport() {}

  static void write(LoadReport report, Path file) throws IOException {
    try (Writer writer = Files.newBufferedWriter(file);
        JsonGenerator json = new JsonFactory().createGenerator(writer)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("machine", report.machine);
      json.writeStringField("command", report.command);
      json.writeArrayFieldStart("results");
      for (LoadResult result : report.results) {
        write(json, result);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("memory");
      for (MemoryPoint point : report.memory) {
        json.writeStartObject();
        json.writeStringField("server", point.server());
        json.writeNumberField("connections", point.connections());
        json.writeNumberField("opened_kb", point.openedKb());
        json.writeNumberField("settled_kb", point.settledKb());
        json.writeNumberField("idle_cpu_percent", point.idlePercent());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("ceilings");
      for (Ceiling ceiling : report.ceilings) {
        json.writeStartObject();
        json.writeStringField("server", ceiling.server());
        json.writeFieldName("best");
        write(json, ceiling.best());
        json.writeFieldName("worst");
        write(json, ceiling.worst());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void write(JsonGenerator json, LoadResult result) throws IOException {
    json.writeStartObject();
    json.writeStringField("server", result.server());
    json.writeStringField("row", result.row().toString());
    json.writeNumberField("connections", result.row().connections());
    json.writeNumberField("rate", result.row().rate());
    json.writeNumberField("channels", result.row().channels());
    json.writeNumberField("payload_bytes", result.row().payloadBytes());
    json.writeNumberField("slow_percent", result.row().slowPercent());
    json.writeNumberField("expected", result.expected());
    json.writeNumberField("delivered", result.delivered());
    json.writeNumberField("missing", result.missing());
    json.writeNumberField("gaps_told", result.told());
    json.writeNumberField("doubled", result.doubled());
    json.writeNumberField("closed", result.closed());
    json.writeStringField("refusal", result.refusal());
    json.writeNumberField("cpu_us_per_delivery", result.cpuUs());
    json.writeNumberField("resident_kb", result.residentKb());
    json.writeNumberField("seconds", result.seconds());
    for (double percentile : new double[] {50, 90, 99, 99.9, 100}) {
      json.writeNumberField(
          "p" + (percentile == 99.9 ? "99_9" : (int) percentile) + "_ms",
          result.latencyMs(percentile));
    }
    json.writeEndObject();
  }
}
