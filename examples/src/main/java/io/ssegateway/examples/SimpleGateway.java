package io.ssegateway.examples;

import io.ssegateway.transport.netty.Gateway;

/** The whole gateway in a few lines: whatever is posted to it goes to who listens. */
public final class SimpleGateway {
  private SimpleGateway() {}

  /** Takes a port; 8080 if there is none. */
  public static void main(String[] args) throws Exception {
    Gateway gateway = Gateway.builder().port(Ports.from(args)).build();
    gateway.start();

    String url = "http://127.0.0.1:" + gateway.port();
    System.out.println("listen:  curl -N '" + url + "/sse/connect?channel_id=news'");
    System.out.println(
        "publish: curl " + url + "/api/send -d '{\"channel_id\":\"news\",\"data\":\"hello\"}'");
    Shutdown.drainAtTheEnd(gateway);
  }
}
