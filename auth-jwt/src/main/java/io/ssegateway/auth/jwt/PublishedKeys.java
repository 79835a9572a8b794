package io.ssegateway.auth.jwt;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import java.text.ParseException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that are published as a JWKS (RFC 7517), kept between fetches. Thread-safe.
 *
 * <p>A key that is known never waits for a fetch: what is older than the cache time is used while a
 * newer set is fetched, and while none can be had, up to the outage time. A key that is not known
 * waits for one fetch, at most one in each refetch time, so that made-up key ids cost the server of
 * the keys nothing. There is at most one fetch at a time. Why not Nimbus's cache: its callers wait
 * on a lock while a set is fetched, those with known keys too when the set is old.
 */
final class PublishedKeys implements JwtKeys {
  private static final Logger LOG = LoggerFactory.getLogger(PublishedKeys.class);
  private static final long NS_PER_MS = 1_000_000;
  private static final long MOST_RETRY_MS = 1000;

  private final Supplier<CompletionStage<String>> fetcher;
  private final String name;
  private final LongSupplier nanoClock;
  private final long cacheNs;
  private final long refetchNs;
  private final long retryNs;
  private final long outageNs;

  private volatile @Nullable Snapshot snapshot;

  // guarded by this
  private @Nullable CompletableFuture<Snapshot> fetch;
  private boolean tried;
  private long triedNs;
  private boolean failing;

  private record Snapshot(JWKSet keys, long fetchedNs) {
    List<JWK> select(JWSHeader header) {
      return new JWKSelector(JWKMatcher.forJWSHeader(header)).select(keys);
    }
  }

  /**
   * Fetches nothing yet.
   *
   * @param fetcher gets the JWKS, later
   * @param name where from, for the log
   * @param nanoClock as {@link System#nanoTime}
   */
  PublishedKeys(
      JwtOptions options,
      Supplier<CompletionStage<String>> fetcher,
      String name,
      LongSupplier nanoClock) {
    this.fetcher = fetcher;
    this.name = name;
    this.nanoClock = nanoClock;
    this.cacheNs = options.cacheMs * NS_PER_MS;
    this.refetchNs = options.refetchMs * NS_PER_MS;
    this.retryNs = Math.min(MOST_RETRY_MS, options.refetchMs) * NS_PER_MS;
    this.outageNs = options.outageMs * NS_PER_MS;
  }

  @Override
  public void prepare() {
    refresh(retryNs);
  }

  @Override
  public CompletionStage<List<JWK>> keysFor(JWSHeader header) {
    Snapshot known = snapshot;
    if (known == null || nanoClock.getAsLong() - known.fetchedNs > cacheNs + outageNs) {
      CompletableFuture<Snapshot> fresh = refresh(retryNs);
      return fresh == null
          ? CompletableFuture.failedFuture(new UnavailableException())
          : fresh.thenApply(keys -> keys.select(header));
    }
    if (nanoClock.getAsLong() - known.fetchedNs > cacheNs) {
      refresh(retryNs);
    }
    List<JWK> candidates = known.select(header);
    if (!candidates.isEmpty()) {
      return CompletableFuture.completedFuture(candidates);
    }
    CompletableFuture<Snapshot> fresh = refresh(refetchNs);
    return fresh == null
        ? CompletableFuture.completedFuture(List.of())
        : fresh.thenApply(keys -> keys.select(header));
  }

  /**
   * Fetches, unless the last try began less than a time ago.
   *
   * @return the fetch that is under way, or null if there is none
   */
  private synchronized @Nullable CompletableFuture<Snapshot> refresh(long leastNs) {
    CompletableFuture<Snapshot> running = fetch;
    if (running != null) {
      return running;
    }
    long now = nanoClock.getAsLong();
    if (tried && now - triedNs < leastNs) {
      return null;
    }
    tried = true;
    triedNs = now;
    CompletableFuture<Snapshot> begun = new CompletableFuture<>();
    fetch = begun;
    begin().whenComplete((text, failure) -> ended(begun, text, failure));
    return begun;
  }

  private CompletionStage<String> begin() {
    try {
      return fetcher.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void ended(
      CompletableFuture<Snapshot> begun, @Nullable String text, @Nullable Throwable failure) {
    Snapshot fetched = null;
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (text != null) {
      try {
        fetched = new Snapshot(JWKSet.parse(text), nanoClock.getAsLong());
      } catch (ParseException | RuntimeException e) {
        cause = e;
      }
    }
    synchronized (this) {
      fetch = null;
      tell(fetched, cause);
      if (fetched != null) {
        snapshot = fetched;
      }
    }
    if (fetched == null) {
      begun.completeExceptionally(new UnavailableException());
    } else {
      begun.complete(fetched);
    }
  }

  /** Logs what has changed; an outage is told once. */
  private void tell(@Nullable Snapshot fetched, @Nullable Throwable cause) {
    boolean first = snapshot == null;
    if (fetched == null && !failing) {
      failing = true;
      LOG.warn(
          "the keys of tokens cannot be fetched from {}: {}{}",
          name,
          cause,
          first ? "; tokens are answered 503" : "; those known are used");
    } else if (fetched != null && (first || failing)) {
      failing = false;
      LOG.info("{} keys of tokens fetched from {}", fetched.keys.getKeys().size(), name);
    }
  }
}
