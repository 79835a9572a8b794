package io.ssegateway.transport.netty;

import io.ssegateway.engine.CloseReason;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/stats/stream}: the {@link StatsFeed} as a stream of Server-Sent Events. It counts
 * as no connection, has no ids and no replay.
 */
final class StatsStreamEndpoint implements Endpoint {
  private static final byte[] PREAMBLE = ":\nretry: 2000\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EXPIRED =
      "event: close\ndata: {\"reason\":\"expired\"}\n\n".getBytes(StandardCharsets.US_ASCII);

  private final StatsParts parts;

  StatsStreamEndpoint(StatsParts parts) {
    this.parts = parts;
  }

  @Override
  public String methods() {
    return "GET";
  }

  @Override
  public void handle(HttpExchange exchange) {
    parts.requireStats(exchange, grant -> open(exchange, grant));
  }

  private void open(HttpExchange exchange, Grant grant) {
    Stream stream = new Stream(exchange, parts, grant);
    parts.feed().add(stream); // before the answer: there may be too many
    exchange.takeOver(stream::begin);
  }

  /** One listener. Owned by its event loop. */
  private static final class Stream implements StatsFeed.Listener {
    /** Events in a row that a client may miss because it does not read. */
    private static final int MAX_MISSED = 20;

    private final HttpExchange exchange;
    private final StatsParts parts;
    private final Grant grant;
    private @Nullable StreamOutlet outlet;
    private int missed;

    Stream(HttpExchange exchange, StatsParts parts, Grant grant) {
      this.exchange = exchange;
      this.parts = parts;
      this.grant = grant;
    }

    void begin() {
      StreamOutlet opened =
          exchange.openStream(Responses.streamHead(exchange.cors(), exchange.headers()));
      opened.offer(new UnsafeBuffer(PREAMBLE), 0, PREAMBLE.length);
      opened.opened(null);
      outlet = opened;
    }

    @Override
    public void onStats(byte[] event) {
      exchange.channel().eventLoop().execute(() -> send(event));
    }

    private void send(byte[] event) {
      StreamOutlet out = outlet;
      if (out == null) {
        if (!exchange.channel().isActive()) {
          parts.feed().remove(this);
        }
        return; // requests before this one are still to be answered
      }
      if (!out.isOpen() || missed > MAX_MISSED) {
        end(out, CloseReason.STALLED);
        return;
      }
      if (parts.isOver(grant)) {
        out.offer(new UnsafeBuffer(EXPIRED), 0, EXPIRED.length);
        end(out, CloseReason.EXPIRED);
        return;
      }
      boolean taken = out.isWritable() && out.offer(new UnsafeBuffer(event), 0, event.length);
      missed = taken ? 0 : missed + 1;
    }

    private void end(StreamOutlet out, CloseReason reason) {
      parts.feed().remove(this);
      out.close(reason);
    }
  }
}
