package io.ssegateway.gateway;

import io.ssegateway.sources.webhook.WebhookResult;
import io.ssegateway.sources.webhook.WebhookSource;
import io.ssegateway.transport.netty.HttpCall;
import io.ssegateway.transport.netty.HttpHandler;
import java.nio.charset.StandardCharsets;

/**
 * {@code POST /webhook/{name}}: hands requests to the {@link WebhookSource}. A webhook whose
 * signature nobody checks answers to this machine only. Thread-safe.
 */
final class WebhookEndpoint implements HttpHandler {
  static final String PATH = "/webhook/";

  private final WebhookSource source;

  WebhookEndpoint(WebhookSource source) {
    this.source = source;
  }

  @Override
  public void handle(HttpCall call) {
    String name = call.path().substring(PATH.length());
    if (source.isUnsigned(name)) {
      call.requireLoopback(
          "webhook " + name + " has no secret: it is for loopback peers only",
          () -> take(name, call));
    } else {
      take(name, call);
    }
  }

  private void take(String name, HttpCall call) {
    source.handle(name, call::header, call.body(), result -> answer(call, result));
  }

  private static void answer(HttpCall call, WebhookResult result) {
    int status = result.status().httpStatus();
    if (result.status() == WebhookResult.Status.ACCEPTED) {
      call.respond(
          status, "application/json", "{\"success\":true}".getBytes(StandardCharsets.UTF_8));
    } else {
      call.refuse(status, result.detail());
    }
  }
}
