package io.ssegateway.examples.spring;

import io.ssegateway.transport.netty.Gateway;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The application: beans publish by the {@link Gateway}, browsers listen at its port. */
@SpringBootApplication
@EnableScheduling
public class GatewayApplication {
  /** The entry point. */
  public static void main(String[] args) {
    SpringApplication.run(GatewayApplication.class, args);
  }

  /**
   * The gateway. Its life is the matter of {@link GatewayLifecycle}: it is drained, then closed.
   */
  @Bean(destroyMethod = "")
  Gateway gateway(@Value("${gateway.port}") int port) {
    return Gateway.builder().port(port).build();
  }
}
