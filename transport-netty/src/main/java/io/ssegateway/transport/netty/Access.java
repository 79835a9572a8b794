package io.ssegateway.transport.netty;

/**
 * Who may publish and look inside. Without configured credentials: this machine only, and no page
 * of a foreign origin.
 */
final class Access {
  void requirePublisher(HttpExchange exchange) {
    requireLoopback(exchange, "publishing");
    if (!exchange.cors().mayChange(exchange.headers())) {
      throw HttpProblem.of(
          403,
          "origin: "
              + exchange.headers().get("Origin")
              + " may not publish (add it to the allowed CORS origins)");
    }
  }

  void requireOperator(HttpExchange exchange) {
    requireLoopback(exchange, "looking inside");
  }

  private static void requireLoopback(HttpExchange exchange, String what) {
    if (!exchange.isFromLoopback()) {
      throw HttpProblem.of(
          403, "no credentials are configured: " + what + " is for loopback peers only");
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
