package io.ssegateway.transport.netty;

import io.ssegateway.engine.CloseReason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/stats/stream}: the {@link StatsFeed} as a stream of Server-Sent Events. It counts
 * as no connection, has no ids and no replay.
 */
final class StatsStreamEndpoint implements Endpoint {
  private static final byte[] PREAMBLE = ":\nretry: 2000\n\n".getBytes(StandardCharsets.US_ASCII);

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
    Stream stream = new Stream(exchange, parts.feed(), grant.expiresAt());
    parts.feed().add(stream); // before the answer: there may be too many
    exchange.takeOver(stream::begin);
  }

  /** One listener. Owned by its event loop. */
  private static final class Stream implements StatsFeed.Listener {
    /** Events in a row that a client may miss because it does not read. */
    private static final int MAX_MISSED = 20;

    private final HttpExchange exchange;
    private final StatsFeed feed;
    private final @Nullable Instant expiresAt;
    private @Nullable StreamOutlet outlet;
    private int missed;

    Stream(HttpExchange exchange, StatsFeed feed, @Nullable Instant expiresAt) {
      this.exchange = exchange;
      this.feed = feed;
      this.expiresAt = expiresAt;
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
          feed.remove(this);
        }
        return; // requests before this one are still to be answered
      }
      Instant end = expiresAt;
      boolean expired = end != null && Instant.now().isAfter(end);
      if (!out.isOpen() || expired || missed > MAX_MISSED) {
        feed.remove(this);
        out.close(expired ? CloseReason.SERVER : CloseReason.STALLED);
        return;
      }
      boolean taken = out.isWritable() && out.offer(new UnsafeBuffer(event), 0, event.length);
      missed = taken ? 0 : missed + 1;
    }
  }
}
