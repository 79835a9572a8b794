package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Message;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What operators see of channels and connections, and the one thing they may do to them. */
class StatsIT extends GatewayCase {

  private HttpAnswer get(String target, String... headers) throws IOException {
    return request("GET", target, headers);
  }

  private HttpAnswer request(String method, String target, String... headers) throws IOException {
    StringBuilder text = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    text.append("Host: localhost\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    return RawClient.exchange(port, text.append("\r\n").toString());
  }

  private String body(String target) throws IOException {
    HttpAnswer answer = get(target);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private static List<String> values(String json, String field) {
    Matcher matcher = Pattern.compile('"' + field + "\":\"?([^\",}\\]]*)").matcher(json);
    List<String> values = new ArrayList<>();
    while (matcher.find()) {
      values.add(matcher.group(1));
    }
    return values;
  }

  @Test
  @SuppressWarnings("try") // that the streams are open is all that is asked of them
  void channelsAreListedByConnectionsOrNameFilteredAndPaged() throws Exception {
    start();
    try (StreamClient a = StreamClient.listen(port, "channel_id=news.a&channel_id=both");
        StreamClient b = StreamClient.listen(port, "channel_id=news.b&channel_id=both");
        StreamClient c = StreamClient.listen(port, "channel_id=zoo")) {
      String all = body("/api/channels");
      assertThat(values(all, "channel_id")).containsExactly("both", "news.a", "news.b", "zoo");
      assertThat(values(all, "connection_count")).containsExactly("2", "1", "1", "1");
      assertThat(all).startsWith("{\"matched\":4,\"offset\":0,\"limit\":100,");
      assertThat(values(body("/api/channels?q=news&sort=name&limit=1&offset=1"), "channel_id"))
          .containsExactly("news.b");
      assertThat(values(body("/api/channels?q=news&limit=1"), "matched")).containsExactly("2");
      assertThat(get("/api/channels?sort=size").body())
          .contains("sort: \\\"size\\\" (expected: one of connections, name)");
      assertThat(get("/api/channels?offset=9999").status()).isEqualTo(400);
      assertThat(request("POST", "/api/channels").status()).isEqualTo(405);
    }
  }

  @Test
  void aChannelTellsTheIdsToBeginWith() throws Exception {
    start();
    String first = publish("a/b+c d", "1");
    String second = publish("a/b+c d", "2");
    String third = publish("other", "3");
    String path = "/api/channels/a%2Fb+c%20d";
    HttpAnswer nobody = get(path);
    assertThat(nobody.field("channel_id")).isEqualTo("a/b+c d");
    assertThat(nobody.field("connection_count")).isEqualTo("0");
    assertThat(nobody.field("newest_id")).isEqualTo(second);
    assertThat(nobody.field("cursor")).isEqualTo(third);

    String query = "channel_id=a%2Fb%2Bc%20d&last_event_id=";
    try (StreamClient everything = StreamClient.open(port, query + nobody.field("oldest_id"));
        StreamClient fromNow = StreamClient.open(port, query + nobody.field("cursor"))) {
      SseBlock oldest = everything.nextEvent();
      assertThat(oldest.data()).as("no gap").isEqualTo("1");
      assertThat(oldest.id()).isEqualTo(first);
      publish("a/b+c d", "4");
      assertThat(fromNow.nextEvent().data()).isEqualTo("4");
      assertThat(everything.nextData(2)).containsExactly("2", "4");
      assertThat(get(path).field("connection_count")).isEqualTo("2");
    }
    assertThat(get("/api/channels/").status()).isEqualTo(400);
    assertThat(get("/api/channels/a/b").status()).isEqualTo(404);
  }

  @Test
  @SuppressWarnings("try") // that the streams are open is all that is asked of them
  void connectionsAreListedWithWhereTheyComeFromAndHowTheyAre() throws Exception {
    start();
    try (StreamClient a = StreamClient.listen(port, "channel_id=news.a");
        StreamClient b = StreamClient.listen(port, "channel_id=news.b&channel_id=x")) {
      publish("news.b", "1");
      b.nextEvent();
      HttpAnswer one = get("/api/connections?channel_id=x");
      assertThat(one.field("matched")).isEqualTo("1");
      assertThat(one.body()).contains("\"channels\":[\"news.b\",\"x\"],\"state\":\"LIVE\"");
      assertThat(one.field("remote_address")).matches("127\\.0\\.0\\.1:[0-9]+");
      assertThat(one.field("transport")).isEqualTo("http/1.1");
      assertThat(one.field("pending_bytes")).isEqualTo("0");
      assertThat(one.field("behind_ms")).isEqualTo("0");
      String address = one.field("remote_address");
      assertThat(get("/api/connections?q=" + address).field("matched")).isEqualTo("1");
      assertThat(get("/api/connections?q=news&sort=newest").body())
          .containsSubsequence("news.b", "news.a");
      assertThat(get("/api/connections?state=replaying").field("matched")).isEqualTo("0");
      assertThat(get("/api/connections?state=live&limit=1").field("matched")).isEqualTo("2");
      assertThat(get("/api/connections?sort=oldest&offset=20000").status()).isEqualTo(400);
    }
  }

  @Test
  @SuppressWarnings("try") // that the streams are open is all that is asked of them
  void anOperatorEndsAConnection() throws Exception {
    start();
    try (StreamClient kept = StreamClient.listen(port, "channel_id=kept");
        StreamClient ended = StreamClient.listen(port, "channel_id=ended")) {
      String id = get("/api/connections?channel_id=ended").field("connection_id");
      String path = "/api/connections/" + id;

      HttpAnswer foreign = request("DELETE", path, "Origin: https://evil.example");
      assertThat(foreign.status()).isEqualTo(403);
      assertThat(get(path).status()).isEqualTo(405);
      assertThat(request("DELETE", path).body()).isEqualTo("{\"success\":true}");
      ended.rest();

      assertThat(request("DELETE", path).status()).isEqualTo(404);
      assertThat(request("DELETE", "/api/connections/x").status()).isEqualTo(400);
      assertThat(count(Counter.CLOSED_BY_OPERATOR)).isEqualTo(1);
      assertThat(get("/api/connections").field("matched")).isEqualTo("1");
    }
  }

  @Test
  void theStreamTellsFiguresOfEverySecondAndCostsNothingWhenNobodyListens() throws Exception {
    start();
    try (StreamClient stream = StreamClient.listen(port, "channel_id=a");
        StreamClient stats =
            new StreamClient(
                RawClient.connect(port)
                    .send("GET /api/stats/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"))) {
      assertThat(stats.head().header("Content-Type")).isEqualTo("text/event-stream");
      SseBlock first = stats.nextEvent();
      assertThat(first.type()).isEqualTo("stats");
      assertThat(first.data()).contains("\"connection_count\":1,\"channel_count\":1,");
      double published = 0;
      int events = 0;
      while (published < 10) {
        if (events++ == 0) {
          for (int i = 0; i < 10; i++) {
            gateway.publisher().publish(Message.of("a", "x"));
          }
          stream.nextData(10);
        }
        String json = stats.nextEvent().data();
        String rates = json.substring(json.indexOf("\"rates\""));
        double seconds = Double.parseDouble(values(json, "interval_ms").get(0)) / 1000;
        published += Double.parseDouble(values(rates, "published").get(0)) * seconds + 0.05;
        if (published > 9) {
          String times = rates.substring(rates.indexOf("\"publish_to_write\""));
          assertThat(values(times, "count").get(0)).isEqualTo("10");
          assertThat(Long.parseLong(values(times, "p99_us").get(0))).isBetween(1L, 5_000_000L);
        }
      }
      assertThat(gateway.statsListeners()).isEqualTo(1);
      assertThat(gateway.engine().subscribers().total()).as("no connection").isEqualTo(1);
    }
    await("nobody listens", () -> gateway.statsListeners() == 0);
  }

  @Test
  void manyChannelsAndConnectionsAreAnsweredInBounds() throws Exception {
    start();
    List<StreamClient> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        StringBuilder query = new StringBuilder();
        for (int k = 0; k < 100; k++) {
          query.append(k == 0 ? "" : "&").append("channel_id=").append(i).append('.').append(k);
        }
        streams.add(StreamClient.listen(port, query.toString()));
      }
      assertThat(values(body("/api/channels?limit=1000"), "channel_id")).hasSize(1000);
      String connections = body("/api/connections");
      assertThat(values(connections, "channel_count")).hasSize(20).containsOnly("100");
      assertThat(connections.split("\\.", -1).length).as("20 names each").isLessThan(20 * 30);
      assertThat(get("/api/channels?limit=1001").status()).isEqualTo(400);
    } finally {
      for (StreamClient stream : streams) {
        stream.close();
      }
    }
  }
}
