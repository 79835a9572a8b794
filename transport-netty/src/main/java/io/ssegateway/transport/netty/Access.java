package io.ssegateway.transport.netty;

import java.util.function.Consumer;

/**
 * Who may publish and look inside. Without configured credentials: this machine only, and no page
 * of a foreign origin.
 */
final class Access {
  /**
   * Goes on, at once or later, if the caller has a role; anybody else is answered by a problem.
   * Event loop.
   *
   * @throws HttpProblem to answer at once
   */
  void require(Role role, HttpExchange exchange, Consumer<Grant> then) {
    requireLoopback(exchange, role);
    then.accept(Grant.EVERYTHING);
  }

  private static void requireLoopback(HttpExchange exchange, Role role) {
    if (!exchange.isFromLoopback()) {
      throw HttpProblem.of(
          403, "no credentials are configured: " + role.activity() + " is for loopback peers only");
    }
    String host = exchange.headers().get("Host");
    if (host != null && !isLoopbackHost(host)) {
      throw HttpProblem.of(
          403,
          "Host: "
              + host
              + " (expected: localhost or a loopback address, since no credentials are configured:"
              + " a page could have that name lead here)");
    }
    if (!exchange.cors().isTrusted(exchange.headers())) {
      throw HttpProblem.of(
          403,
          "Origin: "
              + exchange.headers().get("Origin")
              + " (expected: one of the allowed CORS origins by its name, not by *, since no"
              + " credentials are configured: any page in a browser of this machine could ask)");
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
}
