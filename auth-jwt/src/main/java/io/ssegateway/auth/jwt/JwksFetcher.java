package io.ssegateway.auth.jwt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gets a JWKS over HTTP, without blocking: within a time for all of it, up to a size, and following
 * no redirects, which could lead to a plain connection. Thread-safe.
 */
final class JwksFetcher implements Supplier<CompletionStage<String>> {
  private static final int MAX_BYTES = 1 << 20;

  private final HttpClient client;
  private final HttpRequest request;
  private final int timeoutMs;

  JwksFetcher(URI uri, int timeoutMs) {
    this.timeoutMs = timeoutMs;
    this.client = HttpClient.newBuilder().connectTimeout(Duration.ofMillis(timeoutMs)).build();
    this.request = HttpRequest.newBuilder(uri).header("Accept", "application/json").build();
  }

  @Override
  public CompletionStage<String> get() {
    CompletableFuture<HttpResponse<byte[]>> exchange =
        client.sendAsync(request, response -> new Body());
    CompletableFuture<String> text = exchange.thenApply(JwksFetcher::text);
    text.orTimeout(timeoutMs, TimeUnit.MILLISECONDS);
    text.whenComplete((done, failure) -> exchange.cancel(true)); // without effect once it is over
    return text;
  }

  private static String text(HttpResponse<byte[]> response) {
    if (response.statusCode() != 200) {
      throw new IllegalStateException("status " + response.statusCode() + " (expected: 200)");
    }
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  /** A body of at most {@link #MAX_BYTES}. */
  private static final class Body implements HttpResponse.BodySubscriber<byte[]> {
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
      return whole;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        if (bytes.size() + buffer.remaining() > MAX_BYTES) {
          Objects.requireNonNull(subscription).cancel();
          whole.completeExceptionally(
              new IOException("more than " + MAX_BYTES + " bytes, which is the limit"));
          return;
        }
        byte[] part = new byte[buffer.remaining()];
        buffer.get(part);
        bytes.writeBytes(part);
      }
    }

    @Override
    public void onError(Throwable failure) {
      whole.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      whole.complete(bytes.toByteArray());
    }
  }
}
