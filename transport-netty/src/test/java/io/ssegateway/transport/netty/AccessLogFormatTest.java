package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.CloseReason;
import org.junit.jupiter.api.Test;

/** What a line of the access log looks like, and that nobody can make two of one. */
class AccessLogFormatTest {
  private static final long AT_MS = 1_700_000_000_123L;

  @Test
  void aStreamInTheCombinedFormat() {
    AccessLogEntry entry =
        new AccessLogEntry(
            AT_MS,
            61_034,
            "192.0.2.7",
            "alice",
            "HTTP/1.1",
            "GET",
            "/sse/connect",
            200,
            5120,
            "curl/8.5.0",
            "0af7651916cd43dd8448eb211c80319c",
            CloseReason.PEER_DEAD);

    assertThat(AccessLogFormat.COMBINED.line(entry))
        .isEqualTo(
            "192.0.2.7 - alice [14/Nov/2023:22:13:20 +0000] \"GET /sse/connect HTTP/1.1\" 200 5120"
                + " \"-\" \"curl/8.5.0\" 61034 peer_dead");
    assertThat(AccessLogFormat.JSON.line(entry))
        .isEqualTo(
            "{\"time\":\"2023-11-14T22:13:20.123Z\",\"client\":\"192.0.2.7\",\"subject\":\"alice\","
                + "\"protocol\":\"HTTP/1.1\",\"method\":\"GET\",\"path\":\"/sse/connect\","
                + "\"status\":200,\"bytes\":5120,\"duration_ms\":61034,"
                + "\"user_agent\":\"curl/8.5.0\","
                + "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\",\"close_reason\":\"peer_dead\"}");
  }

  @Test
  void whatIsNotKnownIsADashOrNull() {
    AccessLogEntry entry =
        new AccessLogEntry(AT_MS, 0, "", null, "HTTP/1.0", "GET", "-", 0, 0, null, null, null);

    assertThat(AccessLogFormat.COMBINED.line(entry))
        .isEqualTo("- - - [14/Nov/2023:22:13:20 +0000] \"GET - HTTP/1.0\" - 0 \"-\" \"-\" 0 -");
    assertThat(AccessLogFormat.JSON.line(entry))
        .contains("\"subject\":null", "\"user_agent\":null", "\"close_reason\":null");
  }

  @Test
  void aRequestThatCouldNotBeReadIsOneDash() {
    AccessLogEntry entry =
        new AccessLogEntry(AT_MS, 0, "::1", null, "-", "-", "-", 408, 140, null, null, null);

    assertThat(AccessLogFormat.COMBINED.line(entry))
        .isEqualTo("::1 - - [14/Nov/2023:22:13:20 +0000] \"-\" 408 140 \"-\" \"-\" 0 -");
    assertThat(AccessLogFormat.JSON.line(entry))
        .contains("\"protocol\":\"-\",\"method\":\"-\",\"path\":\"-\",\"status\":408");
  }

  @Test
  void whateverAClientSentItIsOneLineAndKeepsItsFields() {
    AccessLogEntry entry =
        new AccessLogEntry(
            AT_MS,
            1,
            "::1",
            "a b\"c\n",
            "HTTP/1.1",
            "GET",
            "/x\"\r\n\u001b[2J",
            404,
            0,
            "ä \"quoted\" \\ \u0000",
            null,
            null);

    assertThat(AccessLogFormat.COMBINED.line(entry))
        .isEqualTo(
            "::1 - a\\x20b\\x22c\\x0A [14/Nov/2023:22:13:20 +0000]"
                + " \"GET /x\\x22\\x0D\\x0A\\x1B[2J HTTP/1.1\" 404 0 \"-\""
                + " \"\\xC3\\xA4 \\x22quoted\\x22 \\x5C \\x00\" 1 -");
    assertThat(AccessLogFormat.JSON.line(entry).chars()).noneMatch(Character::isISOControl);
  }
}
