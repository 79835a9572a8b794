package io.ssegateway.transport.netty;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.concurrent.EventExecutor;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who may listen, publish and look inside.
 *
 * <p>Without an authenticator everyone may listen, unless only some channels are for everyone; what
 * needs a role is for this machine only. With one, everything needs a credential but channels that
 * are for everyone. Thread-safe, except where it says event loop.
 */
final class Access implements AutoCloseable {
  private final List<WatchedAuthenticator> authenticators;
  private final AuthOptions options;
  private final ChannelPatterns anonymous;
  private final Cors cors;
  private final InstantSource clock;
  private final Tickets tickets;

  Access(List<Authenticator> authenticators, AuthOptions options, Cors cors, InstantSource clock) {
    this.authenticators = authenticators.stream().map(WatchedAuthenticator::new).toList();
    this.options = options;
    ChannelPatterns given = options.anonymous();
    ChannelPatterns otherwise =
        authenticators.isEmpty() ? ChannelPatterns.ALL : ChannelPatterns.NONE;
    this.anonymous = given == null ? otherwise : given;
    this.cors = cors;
    this.clock = clock;
    this.tickets = new Tickets(options, clock);
  }

  AuthOptions options() {
    return options;
  }

  Tickets tickets() {
    return tickets;
  }

  /** Whether streams are for everyone, so that nobody needs to be asked. */
  boolean isOpen() {
    return authenticators.isEmpty() && anonymous.isAll();
  }

  /** What becomes of a caller. One of the two is called, once, on the event loop. */
  interface Decision {
    /** The caller may, with this grant. */
    void admitted(Grant grant);

    /** The caller may not. */
    void refused(HttpProblem problem);
  }

  // ---- streams ----

  /**
   * Decides, at once or later, about a stream of the channels of the request. Event loop.
   *
   * @param request with the channels
   */
  void admit(AuthenticationRequest request, EventExecutor loop, Decision decision) {
    if (authenticators.isEmpty()) {
      decideOnStream(request, null, decision);
      return;
    }
    String ticket = request.query(AuthenticationRequest.TICKET);
    AuthenticationRequest.TokenPlace place = request.tokenPlace();
    if (ticket != null && place != AuthenticationRequest.TokenPlace.HEADER) {
      Grant grant = tickets.redeem(ticket);
      if (grant == null) {
        decision.refused(
            HttpProblem.unauthorized(
                "ticket: unknown, used or over (expected: a new one of POST "
                    + TicketEndpoint.PATH
                    + ")"));
      } else {
        decideOnStream(request, grant, decision);
      }
      return;
    }
    if (place == AuthenticationRequest.TokenPlace.COOKIE && !cors.isTrusted(request.headers())) {
      decision.refused(foreignOrigin(request.headers()));
      return;
    }
    new Inquiry(
            authenticators,
            request,
            loop,
            options.timeoutMs(),
            new Inquiry.Outcome() {
              @Override
              public void identified(@Nullable Grant grant) {
                decideOnStream(request, grant, decision);
              }

              @Override
              public void refused(HttpProblem problem) {
                decision.refused(problem);
              }
            })
        .start();
  }

  private void decideOnStream(
      AuthenticationRequest request, @Nullable Grant grant, Decision decision) {
    HttpProblem problem = problemWithStream(request, grant);
    if (problem == null) {
      decision.admitted(grant == null ? Grant.NOTHING : grant);
    } else {
      decision.refused(problem);
    }
  }

  private @Nullable HttpProblem problemWithStream(
      AuthenticationRequest request, @Nullable Grant grant) {
    if (grant != null && isOver(grant)) {
      return over();
    }
    for (String channel : request.channels()) {
      if (anonymous.matches(channel)) {
        continue;
      }
      if (grant == null) {
        return HttpProblem.credentialMissing(
            "channel_id: \"" + channel + "\" needs a credential" + expected());
      }
      if (!grant.subscribe().matches(channel)) {
        return HttpProblem.of(
                403, "channel_id: \"" + channel + "\" is not granted by your credential")
            .withHeader("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
      }
    }
    return null;
  }

  private String expected() {
    if (authenticators.isEmpty()) {
      return ", and none are configured";
    }
    String cookie = options.cookie().isEmpty() ? "" : ", the cookie " + options.cookie();
    return " (expected: Authorization: Bearer" + cookie + " or a ticket)";
  }

  /** Whether a grant has ended. Any thread. */
  boolean isOver(Grant grant) {
    Instant end = grant.expiresAt();
    return end != null && !end.isAfter(clock.instant());
  }

  private static HttpProblem over() {
    return HttpProblem.unauthorized("credential: expired");
  }

  // ---- everything else ----

  /**
   * Goes on, at once or later, if the caller has a role; anybody else is answered by a problem.
   * Event loop.
   *
   * @throws HttpProblem to answer at once
   */
  void require(Role role, HttpExchange exchange, Consumer<Grant> then) {
    if (authenticators.isEmpty()) {
      requireLoopback(exchange, role);
      then.accept(Grant.EVERYTHING);
      return;
    }
    identify(
        exchange,
        role.activity(),
        grant -> {
          if (!grant.has(role)) {
            throw HttpProblem.of(403, "your credential does not grant " + role.activity())
                .withHeader("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
          }
          then.accept(grant);
        });
  }

  /**
   * Goes on, at once or later, if the caller has a credential. Event loop.
   *
   * @throws HttpProblem to answer at once
   */
  void requireCredential(HttpExchange exchange, Consumer<Grant> then) {
    if (authenticators.isEmpty()) {
      throw HttpProblem.of(
          404, "no credentials are configured: streams need no ticket, and there is none to get");
    }
    identify(exchange, "this", then);
  }

  private void identify(HttpExchange exchange, String what, Consumer<Grant> then) {
    AuthenticationRequest request = exchange.authenticationRequest(List.of(), options);
    requireOrigin(exchange.method(), request);
    Inquiry inquiry =
        new Inquiry(
            authenticators,
            request,
            exchange.channel().eventLoop(),
            options.timeoutMs(),
            new Inquiry.Outcome() {
              @Override
              public void identified(@Nullable Grant grant) {
                exchange.proceed(
                    () -> {
                      Grant known = requireKnown(grant, what);
                      exchange.identifiedAs(known);
                      then.accept(known);
                    });
              }

              @Override
              public void refused(HttpProblem problem) {
                exchange.proceed(
                    () -> {
                      throw problem;
                    });
              }
            });
    inquiry.start();
    if (!inquiry.isDone()) {
      exchange.waitForDecision();
    }
  }

  private Grant requireKnown(@Nullable Grant grant, String what) {
    if (grant == null) {
      throw HttpProblem.credentialMissing(what + " needs a credential" + expected());
    }
    if (isOver(grant)) {
      throw over();
    }
    return grant;
  }

  /**
   * What a page made a browser send is refused unless it is of a trusted origin. A bearer token is
   * nothing that a browser adds by itself: with it, a page of any origin that may read may also
   * write. A cookie is; with it, there must be an origin.
   */
  private void requireOrigin(HttpMethod method, AuthenticationRequest request) {
    HttpHeaders headers = request.headers();
    boolean explicit = request.tokenPlace() == AuthenticationRequest.TokenPlace.HEADER;
    if (isSafe(method)) {
      if (!explicit && !cors.isTrusted(headers)) {
        throw foreignOrigin(headers);
      }
      return;
    }
    boolean allowed = cors.isTrusted(headers) || (explicit && cors.isAny());
    if (!allowed) {
      throw foreignOrigin(headers);
    }
    if (!explicit && headers.contains("Cookie") && !headers.contains("Origin")) {
      throw HttpProblem.of(
          403,
          "Origin: missing (expected: as browsers send it, since this changes something and the"
              + " credential is a cookie)");
    }
  }

  private static boolean isSafe(HttpMethod method) {
    return method.equals(HttpMethod.GET)
        || method.equals(HttpMethod.HEAD)
        || method.equals(HttpMethod.OPTIONS);
  }

  private static HttpProblem foreignOrigin(HttpHeaders headers) {
    return HttpProblem.of(
        403,
        "Origin: "
            + headers.get("Origin")
            + " (expected: this server's own, or one of the allowed CORS origins by its name)");
  }

  private static void requireLoopback(HttpExchange exchange, Role role) {
    requireLoopback(
        exchange,
        "no credentials are configured: " + role.activity() + " is for loopback peers only");
  }

  /**
   * Goes on only if the caller is this machine, and no page in a browser on it.
   *
   * @param detail what another machine is told
   * @throws HttpProblem to answer at once
   */
  static void requireLoopback(HttpExchange exchange, String detail) {
    if (!exchange.isFromLoopback()) {
      throw HttpProblem.of(403, detail);
    }
    String host = exchange.headers().get("Host");
    if (host != null && !isLoopbackHost(host)) {
      throw HttpProblem.of(
          403,
          "Host: "
              + host
              + " (expected: localhost or a loopback address, since this needs no credential but to"
              + " be this machine: a page could have that name lead here)");
    }
    if (!exchange.cors().isTrusted(exchange.headers())) {
      throw HttpProblem.of(
          403,
          "Origin: "
              + exchange.headers().get("Origin")
              + " (expected: one of the allowed CORS origins by its name, not by *, since this needs"
              + " no credential but to be this machine: any page in a browser here could ask)");
    }
  }

  /** Whether no name server had a say in where the request went: DNS rebinding is kept out. */
  private static boolean isLoopbackHost(String host) {
    int colon = host.lastIndexOf(':');
    boolean hasPort = colon > host.lastIndexOf(']');
    String name = hasPort ? host.substring(0, colon) : host;
    return name.equalsIgnoreCase("localhost")
        || name.equals("[::1]")
        || name.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}");
  }

  /** Closes the authenticators. */
  @Override
  public void close() {
    authenticators.forEach(each -> each.authenticator().close());
  }
}
