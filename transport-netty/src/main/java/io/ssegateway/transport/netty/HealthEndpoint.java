package io.ssegateway.transport.netty;

import io.ssegateway.engine.Engine;
import java.util.List;

/**
 * {@code GET /health}, whether the process is alive, and {@code GET /ready}, whether it is able to
 * take traffic.
 */
final class HealthEndpoint implements Endpoint {
  private final Engine engine;
  private final boolean readiness;

  private HealthEndpoint(Engine engine, boolean readiness) {
    this.engine = engine;
    this.readiness = readiness;
  }

  static HealthEndpoint health(Engine engine) {
    return new HealthEndpoint(engine, false);
  }

  static HealthEndpoint ready(Engine engine) {
    return new HealthEndpoint(engine, true);
  }

  @Override
  public String methods() {
    return "GET, HEAD";
  }

  @Override
  public void handle(HttpExchange exchange) {
    List<String> troubles = readiness ? engine.troubles() : List.of();
    String word = readiness ? (troubles.isEmpty() ? "ready" : "not ready") : "ok";
    byte[] content =
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("status", word);
              if (readiness) {
                json.writeArrayFieldStart("troubles");
                for (String trouble : troubles) {
                  json.writeString(trouble);
                }
                json.writeEndArray();
              }
              json.writeEndObject();
            });
    exchange.respond(troubles.isEmpty() ? 200 : 503, Responses.JSON, content);
  }
}
