package io.ssegateway.transport.netty;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a line of the access log looks. */
public enum AccessLogFormat {
  /**
   * The Combined Log Format of web servers, without a referrer, followed by the time it took in ms
   * and why the stream ended.
   *
   * <pre>
   *   192.0.2.7 - alice [28/Nov/2026:09:30:00 +0000] "GET /sse/connect HTTP/1.1" 200 5120 "-" "curl/8.5.0" 61034 client
   * </pre>
   */
  COMBINED {
    @Override
    public String line(AccessLogEntry entry) {
      StringBuilder line = new StringBuilder(160);
      word(line, entry.client());
      line.append(" - ");
      word(line, entry.subject());
      line.append(" [").append(TIME.format(Instant.ofEpochMilli(entry.startedAtMs())));
      line.append("] \"");
      escape(line, requestLine(entry), false);
      line.append("\" ").append(entry.status() == 0 ? "-" : Integer.toString(entry.status()));
      line.append(' ').append(entry.bytes()).append(" \"-\" \"");
      String userAgent = entry.userAgent();
      escape(line, userAgent == null ? "-" : userAgent, false);
      line.append("\" ").append(entry.durationMs()).append(' ');
      word(line, reason(entry));
      return line.toString();
    }
  },
  /** One JSON object, whose fields are told in {@code docs/observability.md}. */
  JSON {
    @Override
    public String line(AccessLogEntry entry) {
      byte[] line =
          Json.write(
              json -> {
                json.writeStartObject();
                json.writeStringField("time", Instant.ofEpochMilli(entry.startedAtMs()).toString());
                json.writeStringField("client", entry.client());
                json.writeStringField("subject", entry.subject());
                json.writeStringField("protocol", entry.protocol());
                json.writeStringField("method", entry.method());
                json.writeStringField("path", entry.path());
                json.writeNumberField("status", entry.status());
                json.writeNumberField("bytes", entry.bytes());
                json.writeNumberField("duration_ms", entry.durationMs());
                json.writeStringField("user_agent", entry.userAgent());
                json.writeStringField("trace_id", entry.traceId());
                json.writeStringField("close_reason", reason(entry));
                json.writeEndObject();
              });
      return new String(line, StandardCharsets.UTF_8);
    }
  };

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** The line of an entry, without a line end. Whatever a client sent, it is one line. */
  public abstract String line(AccessLogEntry entry);

  /** A single dash for a request that could not be read, as web servers do it. */
  private static String requestLine(AccessLogEntry entry) {
    boolean unread =
        entry.method().equals(AccessRecord.UNKNOWN) && entry.path().equals(AccessRecord.UNKNOWN);
    return unread
        ? AccessRecord.UNKNOWN
        : entry.method() + ' ' + entry.path() + ' ' + entry.protocol();
  }

  private static @Nullable String reason(AccessLogEntry entry) {
    return entry.closeReason() == null ? null : entry.closeReason().name().toLowerCase(Locale.ROOT);
  }

  private static void word(StringBuilder line, @Nullable String text) {
    if (text == null || text.isEmpty()) {
      line.append('-');
    } else {
      escape(line, text, true);
    }
  }

  /** As web servers do it: what could be taken for the format's own goes as {@code \xHH}. */
  private static void escape(StringBuilder line, String text, boolean word) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = b > ' ' && b < 127 && b != '"' && b != '\\';
      if (plain || (b == ' ' && !word)) {
        line.append((char) b);
      } else {
        line.append(String.format("\\x%02X", b));
      }
    }
  }
}
