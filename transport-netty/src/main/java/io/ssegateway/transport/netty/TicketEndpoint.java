package io.ssegateway.transport.netty;

/**
 * {@code POST /api/ticket}: gives whoever has a credential a ticket for one stream, which a browser
 * can put into the URL of an {@code EventSource}.
 */
final class TicketEndpoint implements Endpoint {
  static final String PATH = "/api/ticket";

  private final Access access;

  TicketEndpoint(Access access) {
    this.access = access;
  }

  @Override
  public String methods() {
    return "POST";
  }

  @Override
  public void handle(HttpExchange exchange) {
    access.requireCredential(exchange, grant -> answer(exchange, grant));
  }

  private void answer(HttpExchange exchange, Grant grant) {
    if (grant.subscribe().isEmpty()) {
      throw HttpProblem.of(403, "your credential grants listening to no channel");
    }
    Tickets tickets = access.tickets();
    String ticket = tickets.issue(grant);
    if (ticket == null) {
      throw HttpProblem.retryLater(503, "too many tickets wait to be used");
    }
    exchange.respond(
        200,
        Responses.JSON,
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("ticket", ticket);
              json.writeNumberField("expires_in_ms", tickets.ttlMs());
              json.writeEndObject();
            }));
  }
}
