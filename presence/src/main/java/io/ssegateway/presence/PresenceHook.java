package io.ssegateway.presence;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.ssegateway.engine.support.Backoff;
import io.ssegateway.engine.support.RateLimitedLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts events as JSON, in order, one batch at a time, each signed by HMAC-SHA256 over its body.
 * What a server does not take is posted again, the very same, after a wait that grows; what it
 * refuses for good is dropped. Events beyond the bound are dropped, counted, and told of by the
 * next batch. Thread-safe; never blocks but in {@link #close}.
 */
final class PresenceHook implements AutoCloseable {
  static final String SIGNATURE = "X-SSE-Gateway-Signature";
  static final String DELIVERY = "X-SSE-Gateway-Delivery";

  private static final Logger LOG = LoggerFactory.getLogger(PresenceHook.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final int MAX_BATCH = 500;
  private static final int MIN_WAIT_MS = 200;
  private static final int MAX_WAIT_MS = 30_000;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final URI uri;
  private final byte[] secret;
  private final String node;
  private final int maxQueued;
  private final LongSupplier nowMs;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();
  private final RateLimitedLog warnings =
      new RateLimitedLog(LOG, TimeUnit.SECONDS.toNanos(30), System::nanoTime);

  // guarded by this
  private final Queue<PresenceEvent> queue = new ArrayDeque<>();
  private final Backoff backoff;
  private @Nullable HttpRequest batch;
  private int batchEvents;
  private long batchDropped;
  private @Nullable CompletableFuture<?> inFlight;
  private long notBeforeMs;
  private long dropped;
  private long droppedUntold;
  private long retries;
  private boolean closed;

  PresenceHook(
      URI uri,
      String secret,
      String node,
      int maxQueued,
      LongSupplier nowMs,
      RandomGenerator random) {
    this.uri = uri;
    this.secret = secret.getBytes(StandardCharsets.UTF_8);
    this.node = node;
    this.maxQueued = maxQueued;
    this.nowMs = nowMs;
    this.notBeforeMs = nowMs.getAsLong();
    this.backoff = new Backoff(MIN_WAIT_MS, MAX_WAIT_MS, random);
  }

  /** Takes an event, to be posted soon. */
  synchronized void offer(PresenceEvent event) {
    if (queue.size() >= maxQueued) {
      dropped++;
      droppedUntold++;
    } else {
      queue.add(event);
    }
  }

  /** Posts what waits, unless a post is under way or it is too early for the next. */
  synchronized void post() {
    if (inFlight != null || nowMs.getAsLong() < notBeforeMs) {
      return;
    }
    HttpRequest request = batch;
    if (request == null) {
      if (queue.isEmpty()) {
        return;
      }
      request = nextBatch();
      batch = request;
    }
    CompletableFuture<HttpResponse<Void>> sent =
        client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
    inFlight = sent;
    sent.whenComplete(
        (answer, failure) -> {
          if (answer == null) {
            ended(0, String.valueOf(failure));
          } else {
            ended(answer.statusCode(), "status " + answer.statusCode());
          }
        });
  }

  private HttpRequest nextBatch() {
    List<PresenceEvent> events = new ArrayList<>();
    while (events.size() < MAX_BATCH && !queue.isEmpty()) {
      events.add(queue.remove());
    }
    batchEvents = events.size();
    String delivery = UUID.randomUUID().toString();
    batchDropped = droppedUntold;
    droppedUntold = 0;
    byte[] body = body(delivery, events, batchDropped);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .header("User-Agent", "sse-gateway")
            .header(DELIVERY, delivery)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (secret.length > 0) {
      request.header(SIGNATURE, "sha256=" + HexFormat.of().formatHex(hmac(body)));
    }
    return request.build();
  }

  private byte[] body(String delivery, List<PresenceEvent> events, long droppedBefore) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("delivery", delivery);
      json.writeStringField("node", node);
      json.writeNumberField("dropped", droppedBefore);
      json.writeArrayFieldStart("events");
      for (PresenceEvent event : events) {
        event.writeTo(json);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of a buffer in memory
    }
    return bytes.toByteArray();
  }

  private byte[] hmac(byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HmacSHA256 is missing", e); // every JVM has it
    }
  }

  private synchronized void ended(int status, String detail) {
    inFlight = null;
    if (closed) {
      return; // what was under way is counted
    }
    if (status >= 200 && status < 300) {
      batch = null;
      backoff.reset();
    } else if (status >= 300 && status < 500 && status != 408 && status != 425 && status != 429) {
      batch = null;
      dropped += batchEvents;
      droppedUntold += batchEvents + batchDropped;
      warnings.warn(
          "presence hook " + uri.getHost() + " refused " + batchEvents + " events: " + detail);
    } else {
      retries++;
      notBeforeMs = nowMs.getAsLong() + backoff.nextMs();
      warnings.warn("presence hook " + uri.getHost() + " is tried again: " + detail);
    }
    notifyAll();
  }

  /** Events that were not told and never will be. */
  synchronized long dropped() {
    return dropped;
  }

  /** Times a batch was to be posted again. */
  synchronized long retries() {
    return retries;
  }

  /** Waits until everything is posted; false if that was not done in time. */
  synchronized boolean flush(long timeoutMs) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    while (batch != null || !queue.isEmpty()) {
      post();
      long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (leftMs <= 0) {
        return false;
      }
      try {
        wait(Math.min(leftMs, 20));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  /** Gives up what waits. */
  @Override
  public synchronized void close() {
    closed = true;
    dropped += queue.size() + (batch == null ? 0 : batchEvents);
    queue.clear();
    batch = null;
    CompletableFuture<?> under = inFlight;
    if (under != null) {
      under.cancel(true);
    }
  }
}
