package io.ssegateway.transport.netty;

/** {@code GET /openapi.json}: the {@link ApiDocument}, to anybody. */
final class ApiDocumentEndpoint implements Endpoint {
  static final String PATH = "/openapi.json";

  private final byte[] document;

  ApiDocumentEndpoint(byte[] document) {
    this.document = document;
  }

  @Override
  public String methods() {
    return "GET, HEAD";
  }

  @Override
  public void handle(HttpExchange exchange) {
    exchange.respond(200, Responses.JSON, document);
  }
}
