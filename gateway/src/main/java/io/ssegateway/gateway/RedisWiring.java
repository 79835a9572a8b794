package io.ssegateway.gateway;

import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.gateway.config.SourceSettings;
import io.ssegateway.redis.client.RedisConnectionOptions;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says how to reach Redis, the same for the sources and for the journal. Stateless. */
final class RedisWiring {
  private RedisWiring() {}

  /**
   * The connection that the settings describe.
   *
   * @param since what asks for Redis, such as {@code journal is redis}
   * @throws ConfigurationException if nothing says where Redis is
   */
  static RedisConnectionOptions connection(Configuration configuration, String since) {
    List<String> uris = configuration.get(SourceSettings.REDIS_URIS);
    if (uris.isEmpty()) {
      throw new ConfigurationException(
          "redis-uri: not set (expected: where Redis is, since " + since + ")");
    }
    return RedisConnectionOptions.builder(uris)
        .cluster(configuration.get(SourceSettings.REDIS_CLUSTER))
        .caCertificates(path(configuration.get(SourceSettings.REDIS_CA)))
        .clientCertificate(
            path(configuration.get(SourceSettings.REDIS_CERTIFICATE)),
            path(configuration.get(SourceSettings.REDIS_KEY)))
        .build();
  }

  private static @Nullable Path path(String text) {
    return text.isEmpty() ? null : Path.of(text);
  }
}
