package io.ssegateway.transport.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.Counter;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.journal.MemoryJournal;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.SseBlock;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.EOFException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a stream sends, byte by byte. */
class StreamIT extends GatewayCase {

  @Test
  void theHeadSaysWhatProxiesAndBrowsersNeed() throws Exception {
    start();

    try (StreamClient stream = StreamClient.open(port, "channel_id=news")) {
      HttpAnswer head = stream.head();

      assertThat(head.head()).startsWith("HTTP/1.1 200 OK\r\n");
      assertThat(head.headers().keySet())
          .containsExactlyInAnyOrder(
              "date", "content-type", "cache-control", "x-accel-buffering", "connection");
      assertThat(head.header("Content-Type")).isEqualTo("text/event-stream");
      assertThat(head.header("Cache-Control")).isEqualTo("no-cache, no-transform");
      assertThat(head.header("X-Accel-Buffering")).isEqualTo("no");
      assertThat(head.header("Connection")).isEqualTo("close");
    }
  }

  @Test
  void theFirstBlockComesAtOnceWithACommentARetryAndTheCursor() throws Exception {
    start(o -> o, e -> e.retryMs(2000));
    String before = publish("news", "earlier");

    try (StreamClient stream = StreamClient.open(port, "channel_id=news")) {
      SseBlock first = stream.next();

      assertThat(first.comments()).containsExactly("");
      assertThat(first.retryMs()).isBetween(1000, 3000);
      assertThat(first.id()).startsWith(before.substring(0, before.indexOf('-') + 1));
      assertThat(first.position()).isBetween(0L, 1L);
      assertThat(first.isEvent()).isFalse();
    }
  }

  @Test
  void theRetryDiffersFromClientToClient() throws Exception {
    start(o -> o, e -> e.retryMs(60_000));

    List<Integer> retries =
        IntStream.range(0, 8)
            .mapToObj(
                i -> {
                  try (StreamClient stream = StreamClient.open(port, "channel_id=news")) {
                    return stream.next().retryMs();
                  } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                })
            .toList();

    assertThat(retries.stream().distinct().count()).isGreaterThan(1);
    assertThat(retries).allSatisfy(ms -> assertThat(ms).isBetween(30_000, 90_000));
  }

  @Test
  void theBytesOfAnEventAreThoseOfTheStandard() throws Exception {
    start();
    try (RawClient client = RawClient.connect(port)) {
      client.send(StreamClient.request("channel_id=news"));
      client.answer(false);
      String id = gateway.engine().eventId(0);
      String preamble = new String(client.readExactly(14), US_ASCII);
      assertThat(preamble).matches(":\nretry: \\d{4}\n");
      client.readExactly(("id: " + id + "\n\n").length());

      RawClient.publish(
          port,
          "{\"channel_id\":\"news\",\"event_type\":\"tick\",\"id\":\"mine\",\"retry\":7,"
              + "\"data\":\"a\"}");

      String expected =
          "id: "
              + gateway.engine().eventId(1)
              + "\n: publisher-id=mine\nevent: tick\nretry: 7\ndata: a\n\n";
      assertThat(new String(client.readExactly(expected.length()), US_ASCII)).isEqualTo(expected);
    }
  }

  @Test
  void eventsComeInTheOrderInWhichTheyWerePublished() throws Exception {
    start();
    try (StreamClient stream = StreamClient.listen(port, "channel_id=news")) {
      List<String> sent = IntStream.range(0, 2000).mapToObj(i -> "event " + i).toList();

      for (String data : sent) {
        gateway.publisher().publishOrWait(Message.of("news", data), null);
      }

      assertThat(stream.nextData(sent.size())).isEqualTo(sent);
    }
  }

  @Test
  void everyKindOfLineBreakIsALineOfItsOwn() throws Exception {
    start();
    try (StreamClient stream = StreamClient.listen(port, "channel_id=news")) {
      publish("news", "lf\\nlf\\n\\nend");
      publish("news", "cr\\rcr\\r\\rend");
      publish("news", "crlf\\r\\ncrlf\\r\\n\\r\\nend");
      publish("news", "\\n");
      publish("news", "");

      assertThat(stream.nextData(5))
          .containsExactly("lf\nlf\n\nend", "cr\ncr\n\nend", "crlf\ncrlf\n\nend", "\n", "");
    }
  }

  @Test
  void textOfAnyScriptArrivesAsItWas() throws Exception {
    start();
    String text = "žluťoučký kůň · Ελλάδα · 日本語 · 😀 · \u2028 · \ufeff";
    try (StreamClient stream = StreamClient.listen(port, "channel_id=%E6%97%A5%F0%9F%98%80")) {
      publish("日😀", text);
      publish("日😀", "\\u65e5\\ud83d\\ude00");

      assertThat(stream.nextData(2)).containsExactly(text, "日😀");
    }
  }

  @Test
  void oneConnectionCarriesSeveralChannelsInOneOrder() throws Exception {
    start();
    try (StreamClient stream =
        StreamClient.listen(port, "channel_id=a&channel_id=b&channel_id=a&channel_id=c")) {
      List<String> sent =
          IntStream.range(0, 600).mapToObj(i -> "abcd".charAt(i % 4) + " " + i).toList();

      for (String data : sent) {
        gateway.publisher().publishOrWait(Message.of(data.substring(0, 1), data), null);
      }

      List<String> expected = sent.stream().filter(d -> !d.startsWith("d")).toList();
      assertThat(stream.nextData(expected.size())).isEqualTo(expected);
    }
  }

  @Test
  void aBroadcastReachesEveryChannelOnceAndIsReplayedToo() throws Exception {
    start();
    String before = publish("other", "before");
    try (StreamClient both = StreamClient.listen(port, "channel_id=a&channel_id=b");
        StreamClient one = StreamClient.listen(port, "channel_id=c")) {
      RawClient.publish(port, "{\"data\":\"to all\"}");
      RawClient.publish(port, "{\"channel_id\":null,\"data\":\"to all again\"}");
      publish("a", "end");
      publish("c", "end");

      assertThat(both.nextData(3)).containsExactly("to all", "to all again", "end");
      assertThat(one.nextData(3)).containsExactly("to all", "to all again", "end");
    }
    try (StreamClient late =
        StreamClient.open(port, "channel_id=nobody", "Last-Event-ID: " + before)) {
      assertThat(late.nextData(2)).containsExactly("to all", "to all again");
    }
  }

  @Test
  void aClientThatComesBackGetsWhatItMissedAndThenWhatIsNew() throws Exception {
    start();
    String seen = publish("news", "seen");
    publish("news", "missed 1");
    publish("other", "not ours");
    publish("news", "missed 2");

    for (String query :
        List.of(
            "channel_id=news&last_event_id=" + seen,
            "channel_id=news&lastEventId=" + seen,
            "last_event_id=" + seen + "&channel_id=news")) {
      try (StreamClient stream = StreamClient.open(port, query)) {
        assertThat(stream.nextData(2)).containsExactly("missed 1", "missed 2");
      }
    }
    try (StreamClient stream =
        StreamClient.open(port, "channel_id=news", "Last-Event-ID: " + seen)) {
      assertThat(stream.nextData(2)).containsExactly("missed 1", "missed 2");
      String id = publish("news", "new");
      SseBlock live = stream.nextEvent();
      assertThat(live.data()).isEqualTo("new");
      assertThat(live.id()).isEqualTo(id);
    }
  }

  @Test
  void theHeaderWinsOverTheQueryWhichStaysStaleInTheUrl() throws Exception {
    start();
    String first = publish("news", "1");
    String second = publish("news", "2");
    publish("news", "3");

    try (StreamClient stream =
        StreamClient.open(
            port, "channel_id=news&last_event_id=" + first, "Last-Event-ID: " + second)) {
      assertThat(stream.nextEvent().data()).isEqualTo("3");
    }
    try (StreamClient stream =
        StreamClient.open(port, "channel_id=news&last_event_id=" + first, "Last-Event-ID:")) {
      assertThat(stream.nextData(2)).containsExactly("2", "3");
    }
  }

  @Test
  void expiredHistoryIsAnnouncedByAGapThatAnEventSourceHears() throws Exception {
    start(o -> o.eventLoops(1), e -> e, new MemoryJournal(64 * 1024, 0));
    String seen = publish("news", "seen");
    for (int i = 0; i < 400; i++) {
      gateway.publisher().publishOrWait(Message.of("news", "x".repeat(1000)), null);
    }
    String last = publish("news", "last");
    awaitRouted(last);

    try (StreamClient stream =
        StreamClient.open(port, "channel_id=news", "Last-Event-ID: " + seen)) {
      SseBlock gap = stream.nextEvent();

      assertThat(gap.type()).isEqualTo("gap");
      assertThat(gap.data())
          .isEqualTo(
              "{\"reason\":\"expired\",\"requested\":\""
                  + seen
                  + "\",\"resumed_at\":\""
                  + gap.id()
                  + "\"}");
      long position = gap.position();
      SseBlock event = stream.nextEvent();
      while (!event.id().equals(last)) {
        assertThat(event.position()).isEqualTo(++position);
        event = stream.nextEvent();
      }
      assertThat(event.position()).isEqualTo(position + 1);
    }
    await("the gap is counted", () -> count(Counter.GAPS_EXPIRED) == 1);
  }

  /** Waits until the one event loop is so far: what is missed can only come from the journal. */
  private void awaitRouted(String id) throws Exception {
    try (StreamClient other = StreamClient.listen(port, "channel_id=other")) {
      assertThat(other.head().status()).isEqualTo(200);
      await(
          "routed", () -> gateway.engine().connections(0, 1).get().get(0).lastEventId().equals(id));
    }
  }

  @Test
  void anIdThatMeansNothingHereBeginsTheStreamWithAGap() throws Exception {
    start();
    publish("news", "kept");

    for (String id :
        List.of(
            "garbage",
            "0",
            "otherepoch-1",
            gateway.engine().eventId(1) + "0000",
            gateway.engine().journal().epoch() + "--1",
            "é\u0001-1".replace("\u0001", "\t"),
            "x".repeat(3000),
            "\"},{\"a\":\"<script>")) {
      try (StreamClient stream =
          StreamClient.open(port, "channel_id=news", "Last-Event-ID: " + id)) {
        SseBlock gap = stream.nextEvent();
        assertThat(gap.type()).as(id).isEqualTo("gap");
        assertThat(gap.data()).startsWith("{\"reason\":\"unknown_epoch\",\"requested\":\"");
        assertThat(stream.nextEvent().data()).as(id).isEqualTo("kept");
      }
    }
  }

  @Test
  void aReplayBeyondTheLimitBeginsWithAGapAndTheNewestEvents() throws Exception {
    start(o -> o.eventLoops(1), e -> e.maxReplayEvents(10));
    String seen = publish("news", "seen");
    for (int i = 1; i <= 30; i++) {
      gateway.publisher().publishOrWait(Message.of("news", "event " + i), null);
    }
    awaitRouted(publish("news", "end"));

    try (StreamClient stream =
        StreamClient.open(port, "channel_id=news", "Last-Event-ID: " + seen)) {
      assertThat(stream.nextEvent().data()).startsWith("{\"reason\":\"limit\"");
      List<String> rest = stream.nextData(10);
      assertThat(rest.get(9)).isEqualTo("end");
      assertThat(rest.get(0)).isEqualTo("event 22");
    }
  }

  @Test
  void anIdleStreamHearsHeartbeatsThatMoveItsCursor() throws Exception {
    start(o -> o, e -> e.heartbeatMs(100));

    try (StreamClient comments = StreamClient.listen(port, "channel_id=news");
        StreamClient events = StreamClient.listen(port, "channel_id=news&heartbeat=event")) {
      String id = publish("elsewhere", "moves the cursor");
      SseBlock comment = comments.next();
      while (!id.equals(comment.id())) {
        assertThat(comment.comments()).containsExactly("");
        assertThat(comment.isEvent()).isFalse();
        comment = comments.next();
      }
      SseBlock event = events.nextEvent();
      assertThat(event.type()).isEqualTo("heartbeat");
      assertThat(event.data()).isEmpty();
    }
    assertThat(count(Counter.HEARTBEATS)).isPositive();
  }

  @Test
  void aRequestInPiecesAndAStreamBehindOtherRequestsAreStreamsLikeAnyOther() throws Exception {
    start();
    String request = StreamClient.request("channel_id=news");
    try (RawClient pieces = RawClient.connect(port);
        RawClient keptAlive = RawClient.connect(port)) {
      for (byte b : request.getBytes(US_ASCII)) {
        pieces.send(new byte[] {b});
      }
      keptAlive.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(keptAlive.answer().status()).isEqualTo(200);
      keptAlive.send(request);

      StreamClient first = new StreamClient(pieces);
      StreamClient second = new StreamClient(keptAlive);
      first.next();
      second.next();
      publish("news", "hello");

      assertThat(first.nextEvent().data()).isEqualTo("hello");
      assertThat(second.nextEvent().data()).isEqualTo("hello");
    }
  }

  @Test
  void nothingIsReadBehindARequestForAStream() throws Exception {
    start();
    String first = "{\"channel_id\":\"other\",\"data\":\"before\"}";
    String behind = "{\"channel_id\":\"news\",\"data\":\"behind\"}";
    for (String before : List.of("", RawClient.post(first, ""))) {
      try (RawClient client = RawClient.connect(port)) {
        long published = count(Counter.PUBLISHED) + (before.isEmpty() ? 0 : 1);
        client.send(before + StreamClient.request("channel_id=news") + RawClient.post(behind, ""));
        if (!before.isEmpty()) {
          assertThat(client.answer().status()).isEqualTo(200);
        }
        StreamClient stream = new StreamClient(client);
        stream.next();

        publish("news", "end");

        assertThat(stream.nextEvent().data()).isEqualTo("end");
        assertThat(count(Counter.PUBLISHED)).isEqualTo(published + 1);
      }
    }
  }

  @Test
  void whatAClientSaysOnItsStreamIsIgnored() throws Exception {
    start();
    try (StreamClient stream = StreamClient.listen(port, "channel_id=news")) {
      stream.connection().send("x".repeat(100_000));
      publish("news", "hello");

      assertThat(stream.nextEvent().data()).isEqualTo("hello");
    }
  }

  @Test
  void aClientThatLeavesIsForgotten() throws Exception {
    start();
    StreamClient reset = StreamClient.listen(port, "channel_id=a");
    StreamClient closed = StreamClient.listen(port, "channel_id=a&channel_id=b");
    StreamClient halfClosed = StreamClient.listen(port, "channel_id=b");
    await("three streams", () -> gateway.engine().subscribers().total() == 3);

    reset.connection().reset();
    closed.close();
    halfClosed.connection().shutdownOutput();

    await("no stream", () -> gateway.engine().subscribers().total() == 0);
    assertThat(gateway.engine().subscribers().channelCount()).isZero();
    assertThat(count(Counter.CLOSED_BY_CLIENT)).isEqualTo(3);
    assertThatThrownBy(halfClosed::nextEvent).isInstanceOf(EOFException.class);
    halfClosed.close();
  }

  @Test
  void aChannelNameMayHaveASemicolon() throws Exception {
    start();
    try (StreamClient stream = StreamClient.listen(port, "channel_id=a;b")) {
      publish("a", "not ours");
      publish("a;b", "ours");

      assertThat(stream.nextEvent().data()).isEqualTo("ours");
    }
  }

  @Test
  void anyOriginOfTheListMayReadAndNoOther() throws Exception {
    start(o -> o.corsOrigins(List.of("https://app.example.com")), e -> e);

    try (StreamClient listed =
            StreamClient.open(port, "channel_id=a", "Origin: https://app.example.com");
        StreamClient foreign =
            StreamClient.open(port, "channel_id=a", "Origin: https://evil.example")) {
      assertThat(listed.head().header("Access-Control-Allow-Origin"))
          .isEqualTo("https://app.example.com");
      assertThat(listed.head().header("Access-Control-Allow-Credentials")).isEqualTo("true");
      assertThat(listed.head().header("Vary")).isEqualTo("Origin");
      assertThat(foreign.head().header("Access-Control-Allow-Origin")).isNull();
      assertThat(foreign.head().header("Vary")).isEqualTo("Origin");
    }
  }

  @Test
  void whoEndsItsSideGetsTheAnswersToWhatItAskedBefore() throws Exception {
    start();
    String health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (int i = 0; i < 50; i++) {
      try (RawClient client = RawClient.connect(port)) {
        client.send(health + health).shutdownOutput();

        assertThat(client.readToEnd().split("HTTP/1.1 200 OK", -1)).hasSize(3);
      }
    }
  }

  @Test
  void whoEndsItsSideBehindAStreamGetsTheAnswersBeforeIt() throws Exception {
    start();
    String health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    String publish = RawClient.post("{\"channel_id\":\"other\",\"data\":1}", "");
    for (int i = 0; i < 50; i++) {
      try (RawClient client = RawClient.connect(port)) {
        client.send(publish + health + publish + StreamClient.request("channel_id=news"));
        client.shutdownOutput();

        assertThat(client.readToEnd().split("HTTP/1.1 200 OK", -1)).hasSizeGreaterThan(3);
      }
    }
  }
}
