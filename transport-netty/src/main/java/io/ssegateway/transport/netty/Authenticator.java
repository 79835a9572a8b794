package io.ssegateway.transport.netty;

import java.util.concurrent.CompletionStage;

/**
 * Says what a caller may do. Asked for every stream, and for every request that needs a role.
 *
 * <p>Called on event loops, several at a time: thread-safe, and never blocks. What takes time, even
 * only of the processor, is done on another thread. An answer that fails, or does not come within
 * {@link AuthOptions#timeoutMs}, refuses the request by 503.
 *
 * <pre>{@code
 * Gateway.builder()
 *     .authenticator(
 *         request -> {
 *           String session = request.cookie("session");
 *           return session == null
 *               ? CompletableFuture.completedFuture(Authentication.absent())
 *               : sessions.find(session).thenApply(
 *                   user -> user == null
 *                       ? Authentication.refused(401, "session: unknown or over")
 *                       : Authentication.granted(
 *                           Grant.builder()
 *                               .subject(user.name())
 *                               .subscribe(ChannelPatterns.of("user." + user.id(), "news.*"))
 *                               .build()));
 *         })
 * }</pre>
 */
@FunctionalInterface
public interface Authenticator extends AutoCloseable {
  /**
   * Looks at a request.
   *
   * @return what it found, now or later, from any thread
   */
  CompletionStage<Authentication> authenticate(AuthenticationRequest request);

  /** Ends what it has running. Called by the gateway when that is closed. */
  @Override
  default void close() {}
}
