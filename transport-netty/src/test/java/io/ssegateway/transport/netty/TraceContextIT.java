package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.engine.ReceivedEvent;
import io.ssegateway.engine.frame.TraceContext;
import io.ssegateway.transport.netty.testing.HttpAnswer;
import io.ssegateway.transport.netty.testing.RawClient;
import io.ssegateway.transport.netty.testing.StreamClient;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** The trace that a message was published in reaches those who listen, by choice. */
class TraceContextIT extends GatewayCase {
  private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final String OTHER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

  private void startWith(boolean traceContext) throws IOException {
    start(o -> o, e -> e.traceContext(traceContext));
  }

  private void send(String json, String... headers) throws IOException {
    String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    HttpAnswer answer = RawClient.exchange(port, RawClient.post(json, lines));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  /** The bytes of a stream from its beginning, up to the end of an event with this data. */
  private String stream(String query, String lastData) throws IOException {
    try (RawClient client = RawClient.connect(port).send(StreamClient.request(query))) {
      StringBuilder text = new StringBuilder();
      byte[] some = new byte[4096];
      while (text.indexOf("data: " + lastData + "\n\n") < 0) {
        int n = client.read(some);
        assertThat(n).as(text.toString()).isPositive();
        text.append(new String(some, 0, n, java.nio.charset.StandardCharsets.UTF_8));
      }
      return text.toString();
    }
  }

  @Test
  void itIsACommentOfTheEventLiveAndInAReplay() throws Exception {
    startWith(true);
    String start = publish("news", "first");
    try (StreamClient live = StreamClient.listen(port, "channel_id=news")) {
      send(
          "{\"channel_id\":\"news\",\"event_type\":\"tick\",\"data\":\"second\"}",
          "traceparent: " + PARENT,
          "tracestate: a=1",
          "tracestate: b=2");
      send("{\"channel_id\":\"news\",\"data\":\"third\"}");

      assertThat(live.nextData(2)).containsExactly("second", "third"); // comments are no matter
      String id = live.lastId().replaceFirst("[0-9]+$", "");
      assertThat(stream("channel_id=news&last_event_id=" + start, "third"))
          .endsWith(
              "id: "
                  + id
                  + "2\n: traceparent="
                  + PARENT
                  + "\n: tracestate=a=1,b=2\nevent: tick\ndata: second\n\nid: "
                  + id
                  + "3\ndata: third\n\n");
    }
  }

  @Test
  void liveBytesHaveItToo() throws Exception {
    startWith(true);
    try (RawClient client = RawClient.connect(port).send(StreamClient.request("channel_id=news"))) {
      await("the stream", () -> gateway.engine().subscribers().total() == 1);
      send("{\"channel_id\":\"news\",\"data\":\"x\"}", "traceparent: " + PARENT);
      StringBuilder text = new StringBuilder();
      byte[] some = new byte[4096];
      while (text.indexOf("data: x\n\n") < 0) {
        text.append(
            new String(some, 0, client.read(some), java.nio.charset.StandardCharsets.UTF_8));
      }
      assertThat(text).contains("\n: traceparent=" + PARENT + "\ndata: x\n\n");
    }
  }

  @Test
  void allMessagesOfARequestAreOfItsTraceAndSubscribersInTheProgramHearIt() throws Exception {
    startWith(true);
    BlockingQueue<ReceivedEvent> events = new LinkedBlockingQueue<>();
    gateway.engine().subscribe(List.of("news"), null, events::add);
    send(
        "[{\"channel_id\":\"news\",\"data\":1},{\"data\":2}]",
        "Traceparent: " + PARENT,
        "tracestate: a=1");
    send("{\"channel_id\":\"news\",\"data\":3}", "traceparent: " + OTHER);

    TraceContext trace = new TraceContext(PARENT, "a=1");
    assertThat(List.of(events.take(), events.take(), events.take()))
        .extracting(ReceivedEvent::traceContext)
        .containsExactly(trace, trace, new TraceContext(OTHER, null));
  }

  @Test
  void whatIsInvalidIsNotToldAndRefusesNothing() throws Exception {
    startWith(true);
    String start = publish("news", "first");
    send(
        "{\"channel_id\":\"news\",\"data\":\"a\"}",
        "traceparent: " + PARENT.toUpperCase(Locale.ROOT));
    send("{\"channel_id\":\"news\",\"data\":\"b\"}", "tracestate: a=1");
    send(
        "{\"channel_id\":\"news\",\"data\":\"c\"}",
        "traceparent: " + PARENT,
        "traceparent: " + OTHER);
    send("{\"channel_id\":\"news\",\"data\":\"d\"}", "traceparent: nonsense");
    send("{\"channel_id\":\"news\",\"data\":\"last\"}");

    assertThat(stream("channel_id=news&last_event_id=" + start, "last"))
        .contains("data: d\n\n")
        .doesNotContain("trace");
  }

  @Test
  void withoutTheChoiceNothingIsTold() throws Exception {
    startWith(false);
    String start = publish("news", "first");
    send("{\"channel_id\":\"news\",\"data\":\"last\"}", "traceparent: " + PARENT);

    assertThat(stream("channel_id=news&last_event_id=" + start, "last")).doesNotContain("trace");
  }
}
