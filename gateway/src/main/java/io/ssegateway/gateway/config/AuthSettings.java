package io.ssegateway.gateway.config;

import io.ssegateway.gateway.config.Setting.Group;
import java.util.ArrayList;
import java.util.List;

/** Settings of who may listen, publish and look inside. */
public final class AuthSettings {
  private static final List<Setting<?>> ALL = new ArrayList<>();

  /** File of API keys. */
  public static final Setting<String> API_KEYS =
      add(
          Setting.text(
              Group.AUTHENTICATION,
              "api-keys",
              "",
              "File of API keys, hashed, and what each may do (docs/security.md)."
                  + " --new-api-key makes one."));

  /** Secret of JWT. */
  public static final Setting<String> JWT_SECRET =
      add(
          Setting.text(
                  Group.AUTHENTICATION,
                  "jwt-secret",
                  "",
                  "Secret that signs JSON Web Tokens (HS256, and HS384 and HS512 if it is"
                      + " long enough), at least 32 bytes. Rather in the environment or the file"
                      + " than on the command line, which others can see.")
              .hidden());

  /** Public keys of JWT. */
  public static final Setting<String> JWT_PUBLIC_KEYS =
      add(
          Setting.text(
              Group.AUTHENTICATION,
              "jwt-public-keys",
              "",
              "PEM file of the public keys, or certificates, of who signs JSON Web"
                  + " Tokens: RSA, EC or Ed25519."));

  /** Published keys of JWT. */
  public static final Setting<String> JWT_JWKS_URL =
      add(
          Setting.text(
              Group.AUTHENTICATION,
              "jwt-jwks-url",
              "",
              "Where who signs JSON Web Tokens publishes the keys (JWKS): https, or"
                  + " http on this machine."));

  /** Time after which published keys are fetched again. */
  public static final Setting<Integer> JWT_JWKS_CACHE =
      add(
          Setting.duration(
              Group.AUTHENTICATION,
              "jwt-jwks-cache",
              "5m",
              1000,
              "Time after which published keys are fetched again. A key that is not"
                  + " known is looked for at once."));

  /** Allowed algorithms. */
  public static final Setting<List<String>> JWT_ALGORITHMS =
      add(
          Setting.list(
              Group.AUTHENTICATION,
              "jwt-algorithms",
              "Algorithms that may sign tokens, such as ES256, separated by commas;"
                  + " empty for all that fit the keys."));

  /** Issuer of tokens. */
  public static final Setting<String> JWT_ISSUER =
      add(
          Setting.text(
              Group.AUTHENTICATION,
              "jwt-issuer",
              "",
              "The iss that a token must have; empty for any."));

  /** Audience of tokens. */
  public static final Setting<String> JWT_AUDIENCE =
      add(
          Setting.text(
              Group.AUTHENTICATION,
              "jwt-audience",
              "",
              "What the aud of a token must name; empty for anything, tokens for other"
                  + " services too."));

  /** By how much clocks may differ. */
  public static final Setting<Integer> JWT_CLOCK_SKEW =
      add(
          Setting.duration(
              Group.AUTHENTICATION,
              "jwt-clock-skew",
              "30s",
              0,
              "By how much the clock of who signs tokens may differ; at most 10m."));

  /** Whether tokens must expire. */
  public static final Setting<Boolean> JWT_REQUIRE_EXP =
      add(
          Setting.yesOrNo(
              Group.AUTHENTICATION,
              "jwt-require-exp",
              true,
              "Whether a token without exp is refused. If not, it is good until the"
                  + " keys change."));

  /** Claim with the channels. */
  public static final Setting<String> JWT_CHANNELS_CLAIM =
      add(
          Setting.text(
              Group.AUTHENTICATION,
              "jwt-channels-claim",
              "channels",
              "Claim with the channels to listen to: names, and patterns with *. A dot"
                  + " leads into an object."));

  /** Claim with the channels to publish to. */
  public static final Setting<String> JWT_PUBLISH_CLAIM =
      add(
          Setting.text(
              Group.AUTHENTICATION,
              "jwt-publish-claim",
              "publish",
              "Claim with the channels to publish to."));

  /** Claim with the roles. */
  public static final Setting<String> JWT_ROLES_CLAIM =
      add(
          Setting.text(
              Group.AUTHENTICATION,
              "jwt-roles-claim",
              "roles",
              "Claim with the roles: stats, admin."));

  /** Cookie with a token. */
  public static final Setting<String> AUTH_COOKIE =
      add(
          Setting.text(
              Group.AUTHENTICATION,
              "auth-cookie",
              "",
              "Name of the cookie that may hold a token; empty for none."));

  /** Whether tokens may stand in the query. */
  public static final Setting<Boolean> AUTH_QUERY_TOKEN =
      add(
          Setting.yesOrNo(
              Group.AUTHENTICATION,
              "auth-query-token",
              false,
              "Whether a token may stand in the query, as access_token, where proxies"
                  + " and browsers' histories keep it."));

  /** Time in which a ticket is to be used. */
  public static final Setting<Integer> TICKET_TTL =
      add(
          Setting.duration(
              Group.AUTHENTICATION,
              "ticket-ttl",
              "30s",
              1000,
              "Time in which a ticket of POST /api/ticket has to be used."));

  /** Channels for everyone. */
  public static final Setting<List<String>> ANONYMOUS_CHANNELS =
      add(
          Setting.list(
              Group.AUTHENTICATION,
              "anonymous-channels",
              "Channels that everyone may listen to without a credential: names, and"
                  + " patterns with *, separated by commas. By default none if tokens are"
                  + " configured, otherwise all."));

  private AuthSettings() {}

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }

  static List<Setting<?>> all() {
    return List.copyOf(ALL);
  }
}
