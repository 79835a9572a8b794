package io.ssegateway.transport.netty;

import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What there is to know about an API key, but not the key. Immutable.
 *
 * @param name for people to read; the subject of its grant
 * @param sha256 the SHA-256 of the key, in 64 hex digits
 * @param subscribe the channels to listen to
 * @param publish the channels to publish to
 * @param roles STATS or ADMIN; PUBLISH comes with channels to publish to
 */
public record ApiKey(
    String name,
    String sha256,
    ChannelPatterns subscribe,
    ChannelPatterns publish,
    Set<Role> roles) {

  /**
   * Checks the hash.
   *
   * @throws IllegalArgumentException if it is none
   */
  public ApiKey {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(subscribe, "subscribe");
    Objects.requireNonNull(publish, "publish");
    roles = Set.copyOf(roles);
    if (!sha256.matches("[0-9a-fA-F]{64}")) {
      throw new IllegalArgumentException(
          "API key " + name + ": not a SHA-256 (expected: 64 hex digits, never the key itself)");
    }
  }

  byte[] hash() {
    return HexFormat.of().parseHex(sha256);
  }

  Grant grant() {
    return Grant.builder()
        .subject(name)
        .subscribe(subscribe)
        .publish(publish)
        .roles(List.copyOf(roles))
        .build();
  }
}
