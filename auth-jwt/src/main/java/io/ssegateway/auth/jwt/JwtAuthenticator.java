package io.ssegateway.auth.jwt;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.SignedJWT;
import io.ssegateway.transport.netty.Authentication;
import io.ssegateway.transport.netty.AuthenticationRequest;
import io.ssegateway.transport.netty.Authenticator;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Recognises tokens with a dot as JSON Web Tokens (RFC 7519) that are signed (RFC 7515). Only the
 * allowed algorithms count; there is no {@code none}. A token must say when it expires, unless the
 * options do without. Thread-safe; signatures are checked on threads of its own.
 */
public final class JwtAuthenticator implements Authenticator {
  private static final int MOST_WAITING = 10_000;

  private static final CompletionStage<Authentication> ABSENT =
      CompletableFuture.completedFuture(Authentication.absent());

  private final JwtOptions options;
  private final JwtKeys keys;
  private final Claims claims;
  private final ThreadPoolExecutor threads;

  /**
   * Makes an authenticator; keys that are published begin to be fetched.
   *
   * @throws IllegalArgumentException if a key cannot be read
   */
  public JwtAuthenticator(JwtOptions options) {
    this(options, InstantSource.system());
  }

  JwtAuthenticator(JwtOptions options, InstantSource clock) {
    this.options = options;
    this.keys = JwtKeys.of(options);
    this.claims = new Claims(options, clock);
    int count = Math.max(2, Runtime.getRuntime().availableProcessors());
    this.threads =
        new ThreadPoolExecutor(
            count,
            count,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            task -> {
              Thread thread = new Thread(task, "sse-jwt");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    keys.prepare();
  }

  @Override
  public CompletionStage<Authentication> authenticate(AuthenticationRequest request) {
    String token = request.token();
    if (token == null || token.indexOf('.') < 0) {
      return ABSENT;
    }
    try {
      return CompletableFuture.supplyAsync(() -> check(token), threads)
          .thenCompose(Function.identity());
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(unavailable("too many tokens wait to be checked"));
    }
  }

  private static Authentication unavailable(String detail) {
    return Authentication.refused(503, detail).withHeader("Retry-After", "1");
  }

  private static Authentication bad(String what) {
    return Authentication.refused(401, "token: " + what);
  }

  private CompletionStage<Authentication> check(String text) {
    SignedJWT token;
    try {
      token = SignedJWT.parse(text);
    } catch (ParseException | IllegalArgumentException e) {
      return found(bad("not a signed JWT"));
    }
    if (!options.algorithms.contains(token.getHeader().getAlgorithm().getName())) {
      return found(bad("its algorithm is not allowed"));
    }
    if (token.getHeader().getCriticalParams() != null) {
      return found(bad("it has critical header parameters, of which none is known"));
    }
    CompletableFuture<List<JWK>> candidates = keys.keysFor(token.getHeader()).toCompletableFuture();
    return candidates.isDone()
        ? candidates.handle((list, failure) -> verify(token, list))
        : candidates.handleAsync((list, failure) -> verify(token, list), threads);
  }

  private static CompletionStage<Authentication> found(Authentication authentication) {
    return CompletableFuture.completedFuture(authentication);
  }

  private Authentication verify(SignedJWT token, @Nullable List<JWK> candidates) {
    if (candidates == null) {
      return unavailable("the keys of tokens cannot be fetched");
    }
    if (candidates.isEmpty()) {
      return bad("signed by an unknown key");
    }
    for (JWK key : candidates) {
      if (Signatures.verify(token, key)) {
        return claims.read(token);
      }
    }
    return bad("its signature is wrong");
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
