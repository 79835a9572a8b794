package io.ssegateway.examples;

import io.ssegateway.sources.webhook.WebhookResult;
import io.ssegateway.sources.webhook.WebhookRoute;
import io.ssegateway.sources.webhook.WebhookSignature;
import io.ssegateway.sources.webhook.WebhookSource;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.HttpCall;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Webhooks of a shop become events: signatures are checked, the customer's id names the channel.
 * The shop hears success when the journal has the event.
 */
public final class WebhookGateway {
  /** The secret that the shop signs with; a real one comes from the configuration. */
  private static final String SECRET = "change-me";

  private WebhookGateway() {}

  /** Takes a port; 8080 if there is none. */
  public static void main(String[] args) throws Exception {
    WebhookSource webhooks =
        new WebhookSource(
            List.of(
                WebhookRoute.builder("shop")
                    .channel("shop.{/customer/id}")
                    .eventType("{/type}")
                    .signature(
                        WebhookSignature.hmacSha256(
                            "X-Shop-Signature", "", WebhookSignature.Encoding.HEX, List.of(SECRET)))
                    .build()));
    Gateway gateway =
        Gateway.builder()
            .port(Ports.from(args))
            .source(webhooks)
            .endpoint(
                "/webhook/shop",
                "POST",
                call ->
                    webhooks.handle(
                        "shop", call::header, call.body(), result -> answer(call, result)))
            .build();
    gateway.start();

    String url = "http://127.0.0.1:" + gateway.port();
    System.out.println("listen: curl -N '" + url + "/sse/connect?channel_id=shop.42'");
    System.out.println("send:   body='{\"type\":\"paid\",\"customer\":{\"id\":42}}'");
    System.out.println(
        "        sign=$(echo -n \"$body\" | openssl dgst -sha256 -hmac change-me -hex | sed 's/.*"
            + " //')");
    System.out.println(
        "        curl " + url + "/webhook/shop -H \"X-Shop-Signature: $sign\" -d \"$body\"");
    Shutdown.drainAtTheEnd(gateway);
  }

  private static void answer(HttpCall call, WebhookResult result) {
    if (result.status() == WebhookResult.Status.ACCEPTED) {
      call.respond(
          result.status().httpStatus(),
          "application/json",
          "{\"success\":true}".getBytes(StandardCharsets.UTF_8));
    } else {
      call.refuse(result.status().httpStatus(), result.detail());
    }
  }
}
