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
  }
}
