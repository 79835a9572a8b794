package io.ssegateway.examples;

import io.ssegateway.transport.netty.Gateway;
import java.time.Duration;

/** A gateway that is fed by a source of one's own: {@link PeriodicSource}. */
public final class CustomSource {
  private CustomSource() {}

  /** Takes a port; 8080 if there is none. */
  public static void main(String[] args) throws Exception {
    Gateway gateway =
        Gateway.builder()
            .port(Ports.from(args))
            .source(new PeriodicSource("clock", Duration.ofMillis(500)))
            .build();
    gateway.start();

    String url = "http://127.0.0.1:" + gateway.port();
    System.out.println("listen: curl -N '" + url + "/sse/connect?channel_id=clock'");
    System.out.println("look:   curl " + url + "/api/stats");
    Shutdown.drainAtTheEnd(gateway);
  }
}
