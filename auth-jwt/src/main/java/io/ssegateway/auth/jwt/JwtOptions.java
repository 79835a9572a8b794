package io.ssegateway.auth.jwt;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How tokens are checked and read. Immutable; made by {@link #builder}. Exactly one of secret,
 * public keys and JWKS says which keys count, so that none can be taken for one of another kind.
 */
public final class JwtOptions {
  private static final Set<String> ASYMMETRIC =
      Set.of(
          "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA");

  private static final int MIN_SECRET_BYTES = 32;

  final byte @Nullable [] secret;
  final @Nullable String publicKeysPem;
  final @Nullable URI jwksUri;
  final Set<String> algorithms;
  final @Nullable String issuer;
  final @Nullable String audience;
  final int clockSkewMs;
  final boolean requireExpiry;
  final String channelsClaim;
  final String publishClaim;
  final String rolesClaim;
  final int cacheMs;
  final int refetchMs;
  final int outageMs;

  private JwtOptions(Builder from) {
    int kinds =
        (from.secret == null ? 0 : 1)
            + (from.publicKeysPem == null ? 0 : 1)
            + (from.jwksUri == null ? 0 : 1);
    if (kinds != 1) {
      throw new IllegalArgumentException(
          "JWT keys: " + kinds + " kinds (expected: one of a secret, public keys and a JWKS URL)");
    }
    secret = from.secret;
    publicKeysPem = from.publicKeysPem;
    jwksUri = from.jwksUri;
    byte[] bytes = secret;
    if (bytes != null && bytes.length < MIN_SECRET_BYTES) {
      throw new IllegalArgumentException(
          "JWT secret: "
              + bytes.length
              + " bytes (expected: at least 32, random, as by openssl rand -hex 32)");
    }
    Set<String> usual = bytes == null ? ASYMMETRIC : symmetric(bytes.length);
    algorithms = from.algorithms.isEmpty() ? usual : Set.copyOf(from.algorithms);
    for (String algorithm : algorithms) {
      if (!usual.contains(algorithm)) {
        throw new IllegalArgumentException(
            "JWT algorithm: \""
                + algorithm
                + "\" (expected: of "
                + usual.stream().sorted().toList()
                + (bytes == null
                    ? ", since the keys are public)"
                    : ", since the secret has " + bytes.length + " bytes)"));
      }
    }
    if (jwksUri != null) {
      requireSafe(jwksUri);
    }
    if (from.clockSkewMs < 0 || from.clockSkewMs > 600_000) {
      throw new IllegalArgumentException(
          "clock skew: " + from.clockSkewMs + " ms (expected: from 0 to 600000)");
    }
    issuer = from.issuer;
    audience = from.audience;
    clockSkewMs = from.clockSkewMs;
    channelsClaim = from.channelsClaim;
    publishClaim = from.publishClaim;
    rolesClaim = from.rolesClaim;
    requireExpiry = from.requireExpiry;
    requirePositive("cache", from.cacheMs);
    requirePositive("refetch", from.refetchMs);
    requirePositive("outage", from.outageMs);
    cacheMs = from.cacheMs;
    refetchMs = from.refetchMs;
    outageMs = from.outageMs;
  }

  private static void requirePositive(String name, int ms) {
    if (ms <= 0) {
      throw new IllegalArgumentException("JWKS " + name + " time: " + ms + " ms (expected: > 0)");
    }
  }

  /** A secret must be as long as the hash (RFC 7518, 3.2). */
  private static Set<String> symmetric(int secretBytes) {
    if (secretBytes >= 64) {
      return Set.of("HS256", "HS384", "HS512");
    }
    return secretBytes >= 48 ? Set.of("HS256", "HS384") : Set.of("HS256");
  }

  /** Keys that came over a plain connection could be anybody's. */
  private static void requireSafe(URI uri) {
    if (uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException("JWKS URL: has a password in it (expected: none)");
    }
    if ("https".equals(uri.getScheme()) && uri.getHost() != null) {
      return;
    }
    try {
      if ("http".equals(uri.getScheme())
          && uri.getHost() != null
          && InetAddress.getByName(uri.getHost()).isLoopbackAddress()) {
        return;
      }
    } catch (UnknownHostException e) {
      // told below
    }
    throw new IllegalArgumentException(
        "JWKS URL: \"" + uri + "\" (expected: https://…, or http:// to this machine)");
  }

  /** Begins with no key. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds {@link JwtOptions}. Not thread-safe. */
  public static final class Builder {
    private byte @Nullable [] secret;
    private @Nullable String publicKeysPem;
    private @Nullable URI jwksUri;
    private List<String> algorithms = List.of();
    private @Nullable String issuer;
    private @Nullable String audience;
    private int clockSkewMs = 30_000;
    private boolean requireExpiry = true;
    private String channelsClaim = "channels";
    private String publishClaim = "publish";
    private String rolesClaim = "roles";
    private int cacheMs = 300_000;
    private int refetchMs = 10_000;
    private int outageMs = 4 * 3_600_000;

    private Builder() {}

    /** Sets the secret of HS256 and its like; at least 32 bytes. */
    public Builder secret(byte[] bytes) {
      secret = Arrays.copyOf(bytes, bytes.length);
      return this;
    }

    /** Sets public keys, one or several in PEM: RSA, EC or Ed25519. */
    public Builder publicKeys(String pem) {
      publicKeysPem = pem;
      return this;
    }

    /** Sets where the keys are published (RFC 7517). */
    public Builder jwks(URI uri) {
      jwksUri = uri;
      return this;
    }

    /** Sets the algorithms that are allowed; none for all that fit the keys. */
    public Builder algorithms(List<String> names) {
      algorithms = List.copyOf(names);
      return this;
    }

    /** Sets who must have issued the token; null for anybody with the key. */
    public Builder issuer(@Nullable String name) {
      issuer = name;
      return this;
    }

    /** Sets whom the token must be for; null for anybody. */
    public Builder audience(@Nullable String name) {
      audience = name;
      return this;
    }

    /** Sets by how much in ms clocks may differ. */
    public Builder clockSkewMs(int ms) {
      clockSkewMs = ms;
      return this;
    }

    /** Sets whether a token must say when it expires; one that does not is good for ever. */
    public Builder requireExpiry(boolean required) {
      requireExpiry = required;
      return this;
    }

    /**
     * Names the claims with the channels to listen to, the channels to publish to, and the roles. A
     * name with dots also leads into objects.
     */
    public Builder claims(String channels, String publish, String roles) {
      channelsClaim = channels;
      publishClaim = publish;
      rolesClaim = roles;
      return this;
    }

    /**
     * Sets how the JWKS is kept.
     *
     * @param cache time in ms after which it is fetched again
     * @param refetch time in ms in which keys that are not in it make it be fetched at most once
     * @param outage time in ms beyond that for which the last one is used while none can be fetched
     */
    public Builder jwksTimes(int cache, int refetch, int outage) {
      cacheMs = cache;
      refetchMs = refetch;
      outageMs = outage;
      return this;
    }

    /** Sets the time in ms after which a JWKS is fetched again, and none of the other times. */
    public Builder jwksCacheMs(int ms) {
      cacheMs = ms;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if something is missing or does not fit
     */
    public JwtOptions build() {
      return new JwtOptions(this);
    }
  }
}
