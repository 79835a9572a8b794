package io.ssegateway.transport.netty;

import java.time.Instant;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * An authenticator that knows tokens by heart. Each has a marker in it, so that a test can look for
 * it where it must not be.
 */
final class Doorman implements Authenticator {
  /** Part of every token. */
  static final String MARKER = "s3cr3t";

  /** Listens to {@code news} and {@code user.*}. */
  static final String READER = "reader-" + MARKER;

  /** Publishes to {@code user.*}. */
  static final String WRITER = "writer-" + MARKER;

  /** Publishes to every channel. */
  static final String CRIER = "crier-" + MARKER;

  static final String OPERATOR = "operator-" + MARKER;
  static final String ADMIN = "admin-" + MARKER;

  /** Is answered with an exception that quotes it. */
  static final String THROWING = "throwing-" + MARKER;

  /** Is answered by a failed stage that quotes it. */
  static final String FAILING = "failing-" + MARKER;

  /** Is answered with null. */
  static final String NOTHING = "nothing-" + MARKER;

  /** Is refused in the authenticator's own way. */
  static final String UNWELCOME = "unwelcome-" + MARKER;

  /** Listens to {@code news}, and has ended. */
  static final String OVER = "over-" + MARKER;

  /** With this in front, the answer waits for {@link #answerAll}. */
  static final String LATER = "later-";

  private final Map<String, Grant> grants = new ConcurrentHashMap<>();
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  volatile boolean closed;

  Doorman() {
    grants.put(
        READER,
        Grant.builder().subject("reader").subscribe(ChannelPatterns.of("news", "user.*")).build());
    grants.put(
        WRITER, Grant.builder().subject("writer").publish(ChannelPatterns.of("user.*")).build());
    grants.put(CRIER, Grant.builder().subject("crier").publish(ChannelPatterns.ALL).build());
    grants.put(OPERATOR, Grant.builder().subject("operator").roles(Set.of(Role.STATS)).build());
    grants.put(ADMIN, Grant.builder().subject("admin").roles(Set.of(Role.ADMIN)).build());
    grants.put(OVER, until(Instant.now().minusSeconds(1)));
  }

  private static Grant until(Instant end) {
    return Grant.builder()
        .subject("short")
        .subscribe(ChannelPatterns.of("news"))
        .expiresAt(end)
        .build();
  }

  /** Makes a token for {@code news} that is good until then. */
  String tokenUntil(Instant end) {
    String token = "until-" + end + MARKER;
    grants.put(token, until(end));
    return token;
  }

  /** Makes a token of an operator that is good until then. */
  String operatorUntil(Instant end) {
    String token = "operator-until-" + end + MARKER;
    grants.put(
        token,
        Grant.builder().subject("operator").roles(Set.of(Role.STATS)).expiresAt(end).build());
    return token;
  }

  /** Answers those that were made to wait, on a thread of its own. */
  void answerAll() {
    CompletableFuture.runAsync(
            () -> {
              for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
                next.run();
              }
            })
        .join();
  }

  int waiting() {
    return waiting.size();
  }

  @Override
  public CompletionStage<Authentication> authenticate(AuthenticationRequest request) {
    String token = request.token();
    if (token == null) {
      return CompletableFuture.completedFuture(Authentication.absent());
    }
    if (token.startsWith(LATER)) {
      CompletableFuture<Authentication> answer = new CompletableFuture<>();
      waiting.add(() -> answer.complete(decide(token.substring(LATER.length()))));
      return answer;
    }
    return switch (token) {
      case THROWING -> throw new IllegalStateException(token);
      case FAILING -> CompletableFuture.failedFuture(new IllegalStateException(token));
      case NOTHING -> CompletableFuture.completedFuture(null);
      default -> CompletableFuture.completedFuture(decide(token));
    };
  }

  private Authentication decide(String token) {
    if (token.equals(UNWELCOME)) {
      return Authentication.refused(429, "come back tomorrow").withHeader("Retry-After", "86400");
    }
    Grant grant = grants.get(token);
    return grant == null
        ? Authentication.refused(401, "token: unknown")
        : Authentication.granted(grant);
  }

  @Override
  public void close() {
    closed = true;
  }
}
