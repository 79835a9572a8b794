package io.ssegateway.gateway;

import static io.ssegateway.gateway.config.AuthSettings.ANONYMOUS_CHANNELS;
import static io.ssegateway.gateway.config.AuthSettings.API_KEYS;
import static io.ssegateway.gateway.config.AuthSettings.AUTH_COOKIE;
import static io.ssegateway.gateway.config.AuthSettings.AUTH_QUERY_TOKEN;
import static io.ssegateway.gateway.config.AuthSettings.JWT_ALGORITHMS;
import static io.ssegateway.gateway.config.AuthSettings.JWT_AUDIENCE;
import static io.ssegateway.gateway.config.AuthSettings.JWT_CHANNELS_CLAIM;
import static io.ssegateway.gateway.config.AuthSettings.JWT_CLOCK_SKEW;
import static io.ssegateway.gateway.config.AuthSettings.JWT_ISSUER;
import static io.ssegateway.gateway.config.AuthSettings.JWT_JWKS_CACHE;
import static io.ssegateway.gateway.config.AuthSettings.JWT_JWKS_URL;
import static io.ssegateway.gateway.config.AuthSettings.JWT_PUBLIC_KEYS;
import static io.ssegateway.gateway.config.AuthSettings.JWT_PUBLISH_CLAIM;
import static io.ssegateway.gateway.config.AuthSettings.JWT_REQUIRE_EXP;
import static io.ssegateway.gateway.config.AuthSettings.JWT_ROLES_CLAIM;
import static io.ssegateway.gateway.config.AuthSettings.JWT_SECRET;
import static io.ssegateway.gateway.config.AuthSettings.TICKET_TTL;

import io.ssegateway.auth.jwt.JwtAuthenticator;
import io.ssegateway.auth.jwt.JwtOptions;
import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.gateway.config.MetricsAccess;
import io.ssegateway.gateway.config.Setting;
import io.ssegateway.gateway.config.Settings;
import io.ssegateway.transport.netty.ApiKey;
import io.ssegateway.transport.netty.ApiKeys;
import io.ssegateway.transport.netty.AuthOptions;
import io.ssegateway.transport.netty.ChannelPatterns;
import io.ssegateway.transport.netty.Gateway;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Who may do what, as a configuration says. Immutable. */
final class AuthWiring {
  private static final List<Setting<String>> KINDS =
      List.of(JWT_SECRET, JWT_PUBLIC_KEYS, JWT_JWKS_URL);

  private static final List<Setting<?>> OF_JWT =
      List.of(
          JWT_JWKS_CACHE,
          JWT_ALGORITHMS,
          JWT_ISSUER,
          JWT_AUDIENCE,
          JWT_CLOCK_SKEW,
          JWT_REQUIRE_EXP,
          JWT_CHANNELS_CLAIM,
          JWT_PUBLISH_CLAIM,
          JWT_ROLES_CLAIM);

  private static final List<Setting<?>> OF_CREDENTIALS =
      List.of(AUTH_COOKIE, AUTH_QUERY_TOKEN, TICKET_TTL);

  private final Configuration configuration;
  private final @Nullable JwtOptions jwt;
  private final List<ApiKey> keys;

  private AuthWiring(Configuration configuration) {
    this.configuration = configuration;
    String file = configuration.get(API_KEYS);
    this.keys = file.isEmpty() ? List.of() : ApiKeyFile.read(Path.of(file));
    this.jwt = jwt(configuration);
    if (jwt == null) {
      requireUnset(OF_JWT, "no key of tokens is configured (" + names() + ")");
    }
    if (!hasCredentials()) {
      requireUnset(OF_CREDENTIALS, "no credentials are configured (" + names() + ", api-keys)");
    }
  }

  /**
   * Reads what is configured.
   *
   * @throws ConfigurationException if settings do not fit each other, or a file cannot be read
   */
  static AuthWiring of(Configuration configuration) {
    return new AuthWiring(configuration);
  }

  private static String names() {
    return String.join(", ", KINDS.stream().map(Setting::name).toList());
  }

  private void requireUnset(List<Setting<?>> settings, String why) {
    for (Setting<?> setting : settings) {
      if (configuration.isGiven(setting)) {
        throw new ConfigurationException(
            setting.name() + ": set, but without effect, since " + why);
      }
    }
  }

  private static @Nullable JwtOptions jwt(Configuration configuration) {
    List<String> given =
        KINDS.stream()
            .filter(kind -> !configuration.get(kind).isEmpty())
            .map(Setting::name)
            .toList();
    if (given.isEmpty()) {
      return null;
    }
    if (given.size() > 1) {
      throw new ConfigurationException(
          String.join(", ", given) + ": set together (expected: one of them)");
    }
    JwtOptions.Builder options =
        JwtOptions.builder()
            .algorithms(configuration.get(JWT_ALGORITHMS))
            .issuer(orNull(configuration.get(JWT_ISSUER)))
            .audience(orNull(configuration.get(JWT_AUDIENCE)))
            .clockSkewMs(configuration.get(JWT_CLOCK_SKEW))
            .requireExpiry(configuration.get(JWT_REQUIRE_EXP))
            .claims(
                configuration.get(JWT_CHANNELS_CLAIM),
                configuration.get(JWT_PUBLISH_CLAIM),
                configuration.get(JWT_ROLES_CLAIM))
            .jwksCacheMs(configuration.get(JWT_JWKS_CACHE));
    switch (given.get(0)) {
      case "jwt-secret" ->
          options.secret(configuration.get(JWT_SECRET).getBytes(StandardCharsets.UTF_8));
      case "jwt-public-keys" -> options.publicKeys(pem(configuration.get(JWT_PUBLIC_KEYS)));
      default -> options.jwks(uri(configuration.get(JWT_JWKS_URL)));
    }
    try {
      return options.build();
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(given.get(0) + ": " + e.getMessage());
    }
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static String pem(String file) {
    try {
      return Files.readString(Path.of(file), StandardCharsets.US_ASCII);
    } catch (NoSuchFileException e) {
      throw new ConfigurationException("jwt-public-keys: " + file + " does not exist");
    } catch (IOException e) {
      throw new ConfigurationException(
          "jwt-public-keys: " + file + " cannot be read as PEM: " + e.getMessage());
    }
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new ConfigurationException(
          "jwt-jwks-url: no URL at character "
              + e.getIndex()
              + " (expected: as https://id.example/jwks)");
    }
  }

  /** Whether any credentials are configured. */
  boolean hasCredentials() {
    return jwt != null || !keys.isEmpty();
  }

  /** Tells the gateway. */
  void configure(Gateway.Builder gateway) {
    if (!keys.isEmpty()) {
      gateway.authenticator(new ApiKeys(keys));
    }
    JwtOptions tokens = jwt;
    if (tokens != null) {
      gateway.authenticator(new JwtAuthenticator(tokens));
    }
    gateway.authOptions(
        AuthOptions.DEFAULTS
            .withAnonymous(anonymous())
            .withCookie(configuration.get(AUTH_COOKIE))
            .withQueryToken(configuration.get(AUTH_QUERY_TOKEN))
            .withTickets(configuration.get(TICKET_TTL), AuthOptions.DEFAULTS.maxTickets()));
  }

  /** API keys are for those who publish and operate; they alone close no stream. */
  private ChannelPatterns anonymous() {
    if (configuration.isGiven(ANONYMOUS_CHANNELS)) {
      return ChannelPatterns.of(configuration.get(ANONYMOUS_CHANNELS));
    }
    return jwt == null ? ChannelPatterns.ALL : ChannelPatterns.NONE;
  }

  /** Says who may do what, and what is wanting. */
  void announce(Logger log) {
    ChannelPatterns open = anonymous();
    String credentials = credentials();
    String strangers =
        open.isEmpty() ? "nobody else" : "everyone on " + configuration.get(ANONYMOUS_CHANNELS);
    log.info(
        "listening: {}",
        open.isAll()
            ? "everyone, on all channels"
            : credentials + (hasCredentials() ? " and tickets; " : "; ") + strangers);
    log.info(
        "publishing, /api{}: {}",
        configuration.get(Settings.METRICS) == MetricsAccess.STATS ? ", /metrics" : "",
        !hasCredentials() ? "this machine only, since no credentials are configured" : credentials);
    for (ApiKey key : keys) {
      log.info(
          "API key {}: publish {}, subscribe {}, roles {}",
          key.name(),
          key.publish(),
          key.subscribe(),
          key.roles());
    }
    if (jwt != null && configuration.get(JWT_AUDIENCE).isEmpty()) {
      log.warn(
          "jwt-audience is not set: tokens that the same key signs for other services count here too");
    }
    if (configuration.get(AUTH_QUERY_TOKEN)) {
      log.warn("auth-query-token: proxies and browsers' histories keep the tokens of URLs");
    }
  }

  private String credentials() {
    List<String> ways = new ArrayList<>();
    if (jwt != null) {
      String kind =
          KINDS.stream()
              .filter(setting -> !configuration.get(setting).isEmpty())
              .map(Setting::name)
              .findFirst()
              .orElseThrow();
      ways.add("JSON Web Tokens (" + kind + ")");
    }
    if (!keys.isEmpty()) {
      ways.add(keys.size() == 1 ? "1 API key" : keys.size() + " API keys");
    }
    if (ways.isEmpty()) {
      return "no credential, since none are configured";
    }
    String cookie = configuration.get(AUTH_COOKIE);
    return String.join(" and ", ways)
        + " by Authorization"
        + (cookie.isEmpty() ? "" : ", cookie " + cookie)
        + (configuration.get(AUTH_QUERY_TOKEN) ? ", query" : "");
  }
}
