package io.ssegateway.examples;

import io.ssegateway.transport.netty.Authentication;
import io.ssegateway.transport.netty.AuthenticationRequest;
import io.ssegateway.transport.netty.Authenticator;
import io.ssegateway.transport.netty.ChannelPatterns;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.Grant;
import io.ssegateway.transport.netty.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A gateway that asks the program who a caller is: sessions of a cookie may listen to the channels
 * of their user, an operator's token may do everything, and whoever has neither is refused.
 */
public final class AuthenticationCallback {
  private AuthenticationCallback() {}

  /** Looks sessions up on a thread of its own, as a database would want it. Thread-safe. */
  private static final class Sessions implements Authenticator {
    private static final Map<String, String> USER_BY_SESSION =
        Map.of("s3cr3t-of-ann", "ann", "s3cr3t-of-bob", "bob");

    private final ExecutorService database = Executors.newSingleThreadExecutor();

    @Override
    public CompletionStage<Authentication> authenticate(AuthenticationRequest request) {
      String session = request.cookie("session");
      if (session == null) {
        return CompletableFuture.completedFuture(Authentication.absent());
      }
      return CompletableFuture.supplyAsync(() -> find(session), database);
    }

    private static Authentication find(String session) {
      String user = USER_BY_SESSION.get(session);
      if (user == null) {
        return Authentication.refused(401, "session: unknown or over; log in again");
      }
      return Authentication.granted(
          Grant.builder()
              .subject(user)
              .subscribe(ChannelPatterns.of("user." + user, "public.*"))
              .expiresAt(Instant.now().plus(Duration.ofHours(1)))
              .build());
    }

    @Override
    public void close() {
      database.shutdown();
    }
  }

  private static CompletionStage<Authentication> operator(AuthenticationRequest request) {
    String token = request.token();
    return CompletableFuture.completedFuture(
        token == null
            ? Authentication.absent()
            : token.equals("operator-token")
                ? Authentication.granted(
                    Grant.builder().subject("operator").roles(List.of(Role.ADMIN)).build())
                : Authentication.refused(401, "token: unknown"));
  }

  /** Takes a port; 8080 if there is none. */
  public static void main(String[] args) throws Exception {
    Gateway gateway =
        Gateway.builder()
            .port(Ports.from(args))
            .authenticator(new Sessions())
            .authenticator(AuthenticationCallback::operator)
            .build();
    gateway.start();

    String url = "http://127.0.0.1:" + gateway.port();
    System.out.println(
        "listen:  curl -N '" + url + "/sse/connect?channel_id=user.ann' -b session=s3cr3t-of-ann");
    System.out.println(
        "refused: curl -i '" + url + "/sse/connect?channel_id=user.bob' -b session=s3cr3t-of-ann");
    System.out.println(
        "publish: curl "
            + url
            + "/api/send -H 'Authorization: Bearer operator-token'"
            + " -d '{\"channel_id\":\"user.ann\",\"data\":\"hello\"}'");
    Shutdown.drainAtTheEnd(gateway);
  }
}
