package io.ssegateway.transport.netty;

import io.ssegateway.engine.CloseReason;

/**
 * {@code DELETE /api/connections/ID}: ends a stream. Its client is free to come back; who shall not
 * needs other means.
 */
final class ConnectionEndpoint implements Endpoint {
  private final StatsParts parts;

  ConnectionEndpoint(StatsParts parts) {
    this.parts = parts;
  }

  @Override
  public String methods() {
    return "DELETE";
  }

  @Override
  public void handle(HttpExchange exchange) {
    parts.requireAdmin(exchange, grant -> close(exchange));
  }

  private void close(HttpExchange exchange) {
    String text = exchange.lastSegment();
    if (!text.matches("[0-9]{1,18}")) {
      throw HttpProblem.badRequest(
          "connection: \"" + text + "\" (expected: the number that /api/connections tells)");
    }
    parts
        .engine()
        .closeConnection(Long.parseLong(text), CloseReason.OPERATOR)
        .whenComplete(
            (found, failure) ->
                exchange.onLoop(() -> answer(exchange, text, failure == null && found)));
  }

  private static void answer(HttpExchange exchange, String id, boolean found) {
    if (!found) {
      throw HttpProblem.of(404, "connection: " + id + " is not open (perhaps no more)");
    }
    exchange.respond(
        200,
        Responses.JSON,
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeBooleanField("success", true);
              json.writeEndObject();
            }));
  }
}
