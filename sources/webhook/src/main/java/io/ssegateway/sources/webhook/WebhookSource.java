package io.ssegateway.sources.webhook;

import io.ssegateway.engine.EventPublisher;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.SourceContext;
import io.ssegateway.engine.SourceHealth;
import io.ssegateway.engine.SourceStats;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.engine.support.RateLimitedLog;
import io.ssegateway.sources.webhook.WebhookResult.Status;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source that a transport feeds with the webhook requests it gets: checks the signature, maps the
 * body to a message, publishes it, and answers once the journal has it. Thread-safe; never blocks.
 */
public final class WebhookSource implements MessageSource {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookSource.class);
  private static final int MAX_REMEMBERED = 65_536;
  private static final long WARN_INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);

  private final Map<String, WebhookRoute> routes;
  private final InstantSource clock;
  private final ReplayGuard replays = new ReplayGuard(MAX_REMEMBERED);
  private final RateLimitedLog warnings =
      new RateLimitedLog(LOG, WARN_INTERVAL_NS, System::nanoTime);
  private final LongAdder received = new LongAdder();
  private final LongAdder invalid = new LongAdder();
  private final LongAdder waits = new LongAdder();
  private volatile @Nullable EventPublisher publisher;

  /**
   * A source for the routes.
   *
   * @throws IllegalArgumentException if there are none, or two of one name
   */
  public WebhookSource(List<WebhookRoute> routes) {
    this(routes, InstantSource.system());
  }

  /** A source with a given clock, which the timestamps of signatures are held against. */
  public WebhookSource(List<WebhookRoute> routes, InstantSource clock) {
    if (routes.isEmpty()) {
      throw new IllegalArgumentException("routes: none (expected: at least one)");
    }
    Map<String, WebhookRoute> byName = new HashMap<>();
    for (WebhookRoute route : routes) {
      if (byName.put(route.name(), route) != null) {
        throw new IllegalArgumentException(
            "routes: two named \"" + route.name() + "\" (expected: one)");
      }
    }
    this.routes = Map.copyOf(byName);
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  @Override
  public String name() {
    return "webhook";
  }

  /** The names of the routes. */
  public List<String> routeNames() {
    return routes.keySet().stream().sorted().toList();
  }

  /** Whether the route exists and takes requests whose sender nobody has proved. */
  public boolean isUnsigned(String routeName) {
    WebhookRoute route = routes.get(routeName);
    return route != null && !route.signature().isChecked();
  }

  @Override
  public void start(SourceContext context) {
    for (WebhookRoute route : routes.values()) {
      if (!route.signature().isChecked()) {
        LOG.warn("webhook {} checks no signature: whoever reaches it can publish", route.name());
      }
    }
    publisher = context.publisher();
  }

  /**
   * Takes a request.
   *
   * @param name the route's name
   * @param header a header's value by its name, whatever the case; null if there is none
   * @param body the request's body; left alone by the caller from now on
   * @param reply told once what became of it
   */
  public void handle(
      String name, Function<String, @Nullable String> header, byte[] body, WebhookReply reply) {
    WebhookRoute route = routes.get(name);
    if (route == null) {
      reply.answer(WebhookResult.of(Status.UNKNOWN_NAME, "webhook: no route of that name"));
      return;
    }
    EventPublisher p = publisher;
    if (p == null) {
      reply.answer(WebhookResult.of(Status.CLOSED, "the gateway takes no messages now"));
      return;
    }
    received.increment();
    long now = clock.millis();
    WebhookSignature.Verified verified;
    try {
      verified = route.signature().verify(header, body, now);
    } catch (BadWebhookException e) {
      refuse(route, Status.BAD_SIGNATURE, e.detail(), reply);
      return;
    }
    Message message;
    try {
      message = route.message(header, body);
    } catch (BadWebhookException e) {
      refuse(route, Status.BAD_REQUEST, e.detail(), reply);
      return;
    }
    String key = verified.replayKey();
    if (key != null && !replays.note(route.name() + ':' + key, verified.expiresAtMs(), now)) {
      refuse(route, Status.BAD_SIGNATURE, "signature: this request came before", reply);
      return;
    }
    publish(p, route, message, new Pending(route, key, reply));
  }

  private void publish(EventPublisher p, WebhookRoute route, Message message, Pending pending) {
    PublishResult result = p.publish(message, pending);
    if (result == PublishResult.PUBLISHED) {
      return;
    }
    pending.forget();
    switch (result) {
      case TOO_LARGE ->
          refuse(
              route,
              Status.TOO_LARGE,
              "data: "
                  + message.dataLength()
                  + " bytes (expected: at most "
                  + p.maxPayloadBytes()
                  + ")",
              pending.reply);
      case JOURNAL_UNAVAILABLE -> {
        waits.increment();
        pending.reply.answer(
            WebhookResult.of(Status.JOURNAL_UNAVAILABLE, "the journal takes nothing; try again"));
      }
      case CLOSED ->
          pending.reply.answer(
              WebhookResult.of(Status.CLOSED, "the gateway takes no messages now"));
      default -> {
        waits.increment();
        pending.reply.answer(
            WebhookResult.of(Status.BACK_PRESSURED, "the ring is full; try again"));
      }
    }
  }

  private void refuse(WebhookRoute route, Status status, String detail, WebhookReply reply) {
    invalid.increment();
    warnings.warn("webhook " + route.name() + " refused a request: " + detail);
    reply.answer(WebhookResult.of(status, detail));
  }

  @Override
  public SourceHealth health() {
    return publisher == null ? SourceHealth.down("not started, or closed") : SourceHealth.UP;
  }

  @Override
  public SourceStats stats() {
    return new SourceStats(received.sum(), invalid.sum(), 0, waits.sum(), 0, -1);
  }

  @Override
  public void close() {
    publisher = null;
  }

  /** A request whose message is in the ring, or about to be. */
  private final class Pending implements PublishListener {
    private final WebhookRoute route;
    private final @Nullable String replayKey;
    private final WebhookReply reply;

    Pending(WebhookRoute route, @Nullable String replayKey, WebhookReply reply) {
      this.route = route;
      this.replayKey = replayKey;
      this.reply = reply;
    }

    @Override
    public void onJournalled(int index, long position) {
      reply.answer(WebhookResult.accepted(position));
    }

    @Override
    public void onRefused(int index, Refusal refusal, String detail) {
      forget();
      switch (refusal) {
        case RECORD_TOO_LARGE -> refuse(route, Status.TOO_LARGE, detail, reply);
        case JOURNAL_FULL -> reply.answer(WebhookResult.of(Status.JOURNAL_UNAVAILABLE, detail));
        case JOURNAL_FAILED -> reply.answer(WebhookResult.of(Status.JOURNAL_FAILED, detail));
      }
    }

    void forget() {
      if (replayKey != null) {
        replays.forget(route.name() + ':' + replayKey);
      }
    }
  }
}
