package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBufUtil;
import io.ssegateway.codec.json.JsonMessageException;
import io.ssegateway.codec.json.JsonMessages;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.LocalSubscribers;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.frame.TraceContext;
import io.ssegateway.engine.journal.Refusal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/send}: publishes, and answers when the journal has what was published. Never
 * waits: a full ring is a 503.
 */
final class PublishEndpoint implements Endpoint {
  private final Engine engine;
  private final JsonMessages parser;
  private final Access access;

  PublishEndpoint(Engine engine, Access access) {
    this.engine = engine;
    this.access = access;
    this.parser = new JsonMessages(engine.publisher().maxBatch());
  }

  @Override
  public String methods() {
    return "POST";
  }

  @Override
  public void handle(HttpExchange exchange) {
    access.require(Role.PUBLISH, exchange, grant -> publish(exchange, grant));
  }

  private void publish(HttpExchange exchange, Grant grant) {
    JsonMessages.Parsed parsed = parse(exchange);
    List<Message> messages = inTrace(exchange, parsed.messages());
    requireChannels(grant, messages);
    exchange.admission().requirePublishRate(grant.subject(), exchange.client(), messages.size());
    Pending pending = new Pending(exchange, messages, parsed.single());
    if (messages.isEmpty()) {
      pending.run();
      return;
    }
    PublishResult result = engine.publisher().publish(messages, pending);
    switch (result) {
      case PUBLISHED -> exchange.publishing();
      case BACK_PRESSURED ->
          throw HttpProblem.retryLater(503, "the ring is full: nothing was published; try again");
      case JOURNAL_UNAVAILABLE ->
          throw HttpProblem.retryLater(
              507, "the journal takes nothing: " + engine.journal().refusesBecause());
      case TOO_LARGE ->
          throw HttpProblem.of(
                  413,
                  "data: larger than the limit (expected: at most "
                      + engine.publisher().maxPayloadBytes()
                      + " bytes a message)")
              .counted(TransportCounter.REFUSED_SIZE);
      case CLOSED ->
          throw HttpProblem.retryLater(503, "the gateway is draining: publish to another")
              .closing();
    }
  }

  /** The messages as published in the trace of the request, if that is to be told. */
  private List<Message> inTrace(HttpExchange exchange, List<Message> messages) {
    TraceContext trace = exchange.traceContext();
    return trace == null || !engine.options().traceContext()
        ? messages
        : messages.stream().map(message -> message.withTraceContext(trace)).toList();
  }

  private static void requireChannels(Grant grant, List<Message> messages) {
    for (Message message : messages) {
      String channel = message.channel();
      if (!grant.mayPublish(channel)) {
        throw HttpProblem.of(
            403,
            channel == null
                ? "channel_id: absent, which is everyone (your credential does not grant"
                    + " publishing to every channel; nothing was published)"
                : "channel_id: \""
                    + channel
                    + "\" (your credential does not grant publishing to it; nothing was published)");
      }
    }
  }

  private JsonMessages.Parsed parse(HttpExchange exchange) {
    try {
      return parser.parse(ByteBufUtil.getBytes(exchange.body()));
    } catch (JsonMessageException e) {
      throw switch (e.reason()) {
        case TOO_MANY -> HttpProblem.of(413, e.detail()).counted(TransportCounter.REFUSED_SIZE);
        case NAME -> HttpProblem.badRequest(e.detail()).counted(TransportCounter.REFUSED_NAMES);
        case MALFORMED ->
            HttpProblem.badRequest(e.detail()).counted(TransportCounter.REFUSED_MESSAGES);
      };
    }
  }

  /**
   * A request whose messages are in the ring. The journal thread notes what becomes of each, and
   * the last hands the answer to the event loop.
   */
  private final class Pending implements PublishListener, Runnable {
    private final HttpExchange exchange;
    private final boolean single;
    private final int[] sentCounts;

    // the journal thread's, until it hands over to the event loop
    private final long[] positions;
    private int outstanding;
    private @Nullable Refusal refusal;
    private String refusalDetail = "";

    Pending(HttpExchange exchange, List<Message> messages, boolean single) {
      this.exchange = exchange;
      this.single = single;
      this.outstanding = messages.size();
      this.positions = new long[outstanding];
      this.sentCounts = new int[outstanding];
      LocalSubscribers subscribers = engine.subscribers();
      for (int i = 0; i < sentCounts.length; i++) {
        String channel = messages.get(i).channel();
        sentCounts[i] = channel == null ? subscribers.total() : subscribers.count(channel);
      }
    }

    @Override
    public void onJournalled(int index, long position) {
      positions[index] = position;
      countDown();
    }

    @Override
    public void onRefused(int index, Refusal reason, String detail) {
      refusal = reason;
      refusalDetail = detail;
      countDown();
    }

    private void countDown() {
      if (--outstanding == 0) {
        exchange.channel().eventLoop().execute(this);
      }
    }

    /** Answers. Event loop. */
    @Override
    public void run() {
      Refusal reason = refusal;
      if (reason == null) {
        exchange.respond(200, Responses.JSON, single ? one() : all());
        return;
      }
      int status =
          switch (reason) {
            case JOURNAL_FULL -> 507;
            case RECORD_TOO_LARGE -> 413;
            case JOURNAL_FAILED -> 500;
          };
      int journalled = 0;
      for (long position : positions) {
        journalled += position > 0 ? 1 : 0;
      }
      String detail =
          "the journal refused: "
              + refusalDetail
              + " ("
              + journalled
              + " of "
              + positions.length
              + " messages were published)";
      // to send all of it again would double what was published of it
      boolean retry = reason == Refusal.JOURNAL_FULL && journalled == 0;
      HttpProblem problem =
          retry ? HttpProblem.retryLater(status, detail) : HttpProblem.of(status, detail);
      exchange.respond(
          reason == Refusal.RECORD_TOO_LARGE
              ? problem.counted(TransportCounter.REFUSED_SIZE)
              : problem);
    }

    private byte[] one() {
      return Json.write(
          json -> {
            json.writeStartObject();
            json.writeBooleanField("success", true);
            json.writeNumberField("sent_count", sentCounts[0]);
            json.writeStringField("id", engine.eventId(positions[0]));
            json.writeEndObject();
          });
    }

    private byte[] all() {
      return Json.write(
          json -> {
            json.writeStartObject();
            json.writeBooleanField("success", true);
            json.writeArrayFieldStart("messages");
            for (int i = 0; i < positions.length; i++) {
              json.writeStartObject();
              json.writeNumberField("sent_count", sentCounts[i]);
              json.writeStringField("id", engine.eventId(positions[i]));
              json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
          });
    }
  }
}
