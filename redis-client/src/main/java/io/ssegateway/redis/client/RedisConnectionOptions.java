package io.ssegateway.redis.client;

import io.lettuce.core.RedisURI;
import io.ssegateway.engine.support.Checks;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to reach Redis. Immutable.
 *
 * @param uris {@code redis://}, {@code rediss://} for TLS, or {@code redis-sentinel://}, with user
 *     and password; one, or with {@code cluster} some of the cluster's nodes
 * @param cluster whether it is a Redis Cluster
 * @param caCertificates PEM file of the authorities that sign the server's certificate, or null for
 *     those that the JVM trusts
 * @param clientCertificate PEM file of the certificate to show to the server, or null for none
 * @param clientKey PEM file of its private key (PKCS #8), or null for none
 * @param timeoutMs time in ms to connect, and to wait for the answer to a command
 * @param minBackOffMs least time in ms between two attempts to connect
 * @param maxBackOffMs most time in ms between two attempts to connect; each is drawn at random
 */
public record RedisConnectionOptions(
    List<String> uris,
    boolean cluster,
    @Nullable Path caCertificates,
    @Nullable Path clientCertificate,
    @Nullable Path clientKey,
    int timeoutMs,
    int minBackOffMs,
    int maxBackOffMs) {

  /** A read that waits for news takes a second; its answer must not count as late. */
  private static final int MIN_TIMEOUT_MS = 2_000;

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds; the text names it and its value
   */
  public RedisConnectionOptions {
    uris = List.copyOf(uris);
    if (uris.isEmpty() || (!cluster && uris.size() > 1)) {
      throw new IllegalArgumentException(
          "uris: " + uris.size() + " (expected: one, or several nodes of a cluster)");
    }
    for (String uri : uris) {
      requireUri(uri);
    }
    if ((clientCertificate == null) != (clientKey == null)) {
      throw new IllegalArgumentException(
          "clientCertificate: "
              + clientCertificate
              + ", clientKey: "
              + clientKey
              + " (expected: both or none)");
    }
    Checks.require("timeoutMs", timeoutMs, timeoutMs >= MIN_TIMEOUT_MS, ">= " + MIN_TIMEOUT_MS);
    Checks.require("minBackOffMs", minBackOffMs, minBackOffMs > 0, "> 0");
    Checks.require(
        "maxBackOffMs", maxBackOffMs, maxBackOffMs >= minBackOffMs, ">= " + minBackOffMs);
  }

  /** The value may hold a password, so no message shows it. */
  private static void requireUri(String uri) {
    try {
      RedisURI.create(uri);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "uri: not understood (expected: redis://, rediss:// or redis-sentinel://)", e);
    }
  }

  /** One server, or one set of sentinels, with the defaults. */
  public static RedisConnectionOptions of(String uri) {
    return builder(List.of(uri)).build();
  }

  /** A cluster of which some nodes are known, with the defaults. */
  public static RedisConnectionOptions ofCluster(List<String> uris) {
    return builder(uris).cluster(true).build();
  }

  /** Starts from the defaults. */
  public static Builder builder(List<String> uris) {
    return new Builder(uris);
  }

  /** Hides what the URIs may hold. */
  @Override
  public String toString() {
    return "RedisConnectionOptions["
        + uris.stream().map(RedisURI::create).map(RedisURI::toString).toList()
        + ", cluster="
        + cluster
        + "]";
  }

  /** Changes options one by one. Not thread-safe. */
  public static final class Builder {
    private final List<String> uris;
    private boolean cluster;
    private @Nullable Path caCertificates;
    private @Nullable Path clientCertificate;
    private @Nullable Path clientKey;
    private int timeoutMs = 5_000;
    private int minBackOffMs = 100;
    private int maxBackOffMs = 10_000;

    private Builder(List<String> uris) {
      this.uris = uris;
    }

    /** Whether it is a Redis Cluster. */
    public Builder cluster(boolean isCluster) {
      cluster = isCluster;
      return this;
    }

    /** PEM file of the authorities that sign the server's certificate; null for the JVM's. */
    public Builder caCertificates(@Nullable Path pem) {
      caCertificates = pem;
      return this;
    }

    /** PEM files of the certificate to show to the server, and of its key. */
    public Builder clientCertificate(@Nullable Path certificatePem, @Nullable Path keyPem) {
      clientCertificate = certificatePem;
      clientKey = keyPem;
      return this;
    }

    /** Time in ms to connect, and to wait for an answer. */
    public Builder timeoutMs(int ms) {
      timeoutMs = ms;
      return this;
    }

    /** Least and most time in ms between two attempts to connect. */
    public Builder backOffMs(int min, int max) {
      minBackOffMs = min;
      maxBackOffMs = max;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if an option is out of its bounds
     */
    public RedisConnectionOptions build() {
      return new RedisConnectionOptions(
          uris,
          cluster,
          caCertificates,
          clientCertificate,
          clientKey,
          timeoutMs,
          minBackOffMs,
          maxBackOffMs);
    }
  }
}
