package io.ssegateway.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.transport.netty.Gateway;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The application publishes by its beans, and drains when its context closes. */
class GatewayApplicationIT {
  @Test
  void aListenerHearsTheBeanAndIsEndedInOrderWhenTheContextCloses() throws Exception {
    ConfigurableApplicationContext context =
        SpringApplication.run(GatewayApplication.class, "--gateway.port=0", "--ticker.period=20ms");
    try {
      int port = context.getBean(Gateway.class).port();
      URI uri = URI.create("http://127.0.0.1:" + port + "/sse/connect?channel_id=prices");
      Stream<String> lines =
          HttpClient.newHttpClient()
              .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofLines())
              .body();

      List<String> heard =
          lines
              .peek(
                  line -> {
                    if (line.startsWith("data: ")) {
                      new Thread(context::close).start();
                    }
                  })
              .toList(); // returns when the stream has ended, and throws if it broke

      assertThat(heard).anyMatch(line -> line.matches("data: [0-9.]+"));
      assertThat(heard)
          .as("when to come back, told once at the begin and once at the end")
          .filteredOn(line -> line.startsWith("retry: "))
          .hasSize(2);
    } finally {
      context.close();
    }
  }
}
