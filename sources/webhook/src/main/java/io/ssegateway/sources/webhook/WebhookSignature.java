package io.ssegateway.sources.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * How a sender proves that a body is its own: HMAC-SHA256 with a secret that both know. Several
 * secrets may hold at once, so that they can be rotated. Immutable and thread-safe; shows no
 * secret.
 */
public final class WebhookSignature {
  /**
   * How old, or how far in the future, a Stripe timestamp may be, as Stripe's own libraries say.
   */
  public static final Duration DEFAULT_TOLERANCE = Duration.ofMinutes(5);

  private static final String ALGORITHM = "HmacSHA256";
  private static final int MAX_CANDIDATES = 16;

  /** How a digest stands in a header. */
  public enum Encoding {
    /** Hexadecimal digits, small or capital. */
    HEX,
    /** Base64, standard alphabet. */
    BASE64
  }

  private enum Scheme {
    NONE,
    PLAIN,
    STRIPE
  }

  /**
   * A good signature.
   *
   * @param replayKey tells this very request from others, or null if the scheme has no time in it
   * @param expiresAtMs when the timestamp will be out of tolerance, in ms since 1970
   */
  record Verified(@Nullable String replayKey, long expiresAtMs) {}

  private static final Verified UNBOUND = new Verified(null, 0);

  private final Scheme scheme;
  private final String header;
  private final String prefix;
  private final Encoding encoding;
  private final long toleranceMs;
  private final List<SecretKeySpec> keys;

  private WebhookSignature(
      Scheme scheme,
      String header,
      String prefix,
      Encoding encoding,
      long toleranceMs,
      List<String> secrets) {
    this.scheme = scheme;
    this.header = Objects.requireNonNull(header, "header");
    this.prefix = Objects.requireNonNull(prefix, "prefix");
    this.encoding = Objects.requireNonNull(encoding, "encoding");
    this.toleranceMs = toleranceMs;
    List<SecretKeySpec> specs = new ArrayList<>();
    for (String secret : secrets) {
      if (secret.isEmpty()) {
        throw new IllegalArgumentException("secrets: an empty one (expected: not empty)");
      }
      specs.add(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
    }
    if (specs.isEmpty() && scheme != Scheme.NONE) {
      throw new IllegalArgumentException("secrets: none (expected: at least one)");
    }
    this.keys = List.copyOf(specs);
  }

  /** No check: whoever can reach the endpoint can publish. */
  public static WebhookSignature none() {
    return new WebhookSignature(Scheme.NONE, "", "", Encoding.HEX, 0, List.of());
  }

  /** GitHub's {@code X-Hub-Signature-256: sha256=<hex>}. */
  public static WebhookSignature github(List<String> secrets) {
    return hmacSha256("X-Hub-Signature-256", "sha256=", Encoding.HEX, secrets);
  }

  /**
   * Stripe's {@code Stripe-Signature: t=<seconds>,v1=<hex>}, where the time is signed too. A
   * request whose time is out of tolerance, or that came before, is refused.
   *
   * @param tolerance how old, or how far in the future, the time may be; {@code > 0}
   */
  public static WebhookSignature stripe(Duration tolerance, List<String> secrets) {
    if (tolerance.isNegative() || tolerance.isZero()) {
      throw new IllegalArgumentException("tolerance: " + tolerance + " (expected: > 0)");
    }
    return new WebhookSignature(
        Scheme.STRIPE, "Stripe-Signature", "", Encoding.HEX, tolerance.toMillis(), secrets);
  }

  /**
   * The body's HMAC-SHA256 in a header.
   *
   * @param header the header's name
   * @param prefix text in front of the digest, or empty
   */
  public static WebhookSignature hmacSha256(
      String header, String prefix, Encoding encoding, List<String> secrets) {
    if (header.isEmpty()) {
      throw new IllegalArgumentException("header: \"\" (expected: a header's name)");
    }
    return new WebhookSignature(Scheme.PLAIN, header, prefix, encoding, 0, secrets);
  }

  /** Whether requests are checked at all. */
  public boolean isChecked() {
    return scheme != Scheme.NONE;
  }

  /**
   * Checks a request.
   *
   * @param nowMs the time in ms since 1970
   * @throws BadWebhookException if it is not signed well; the text holds nothing that helps to
   *     forge one
   */
  Verified verify(Function<String, @Nullable String> headers, byte[] body, long nowMs)
      throws BadWebhookException {
    if (scheme == Scheme.NONE) {
      return UNBOUND;
    }
    String value = headers.apply(header);
    if (value == null || value.isEmpty()) {
      throw new BadWebhookException("signature: no header " + header);
    }
    return scheme == Scheme.STRIPE ? stripe(value, body, nowMs) : plain(value, body);
  }

  private Verified plain(String value, byte[] body) throws BadWebhookException {
    if (!value.startsWith(prefix)) {
      throw new BadWebhookException(
          "signature: " + header + " does not begin with \"" + prefix + "\"");
    }
    byte[] given = decode(value.substring(prefix.length()));
    if (given == null) {
      throw new BadWebhookException("signature: " + header + " is not " + encoding);
    }
    if (!matches(List.of(given), new byte[0], body)) {
      throw new BadWebhookException("signature: " + header + " does not match the body");
    }
    return UNBOUND;
  }

  private Verified stripe(String value, byte[] body, long nowMs) throws BadWebhookException {
    String time = null;
    List<byte[]> given = new ArrayList<>(2);
    for (String element : value.split(",", -1)) {
      String part = element.trim();
      if (part.startsWith("t=")) {
        time = part.substring(2);
      } else if (part.startsWith("v1=") && given.size() < MAX_CANDIDATES) {
        byte[] digest = decode(part.substring(3));
        if (digest != null) {
          given.add(digest);
        }
      }
    }
    if (time == null || given.isEmpty()) {
      throw new BadWebhookException(
          "signature: " + header + " has no t or no v1 (expected: t=<seconds>,v1=<hex>)");
    }
    long timeMs = seconds(time) * 1000;
    if (!matches(given, (time + ".").getBytes(StandardCharsets.UTF_8), body)) {
      throw new BadWebhookException("signature: " + header + " does not match the body");
    }
    if (Math.abs(nowMs - timeMs) > toleranceMs) {
      throw new BadWebhookException(
          "signature: signed "
              + (nowMs - timeMs) / 1000
              + " s ago (expected: at most "
              + toleranceMs / 1000
              + " s ago)");
    }
    byte[] digest = digest(keys.get(0), (time + ".").getBytes(StandardCharsets.UTF_8), body);
    return new Verified(HexFormat.of().formatHex(digest), timeMs + toleranceMs);
  }

  private long seconds(String text) throws BadWebhookException {
    try {
      long seconds = Long.parseLong(text);
      if (seconds >= 0 && seconds < Long.MAX_VALUE / 1_000_000) {
        return seconds;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new BadWebhookException("signature: " + header + " has a t that is no time in seconds");
  }

  /** Compares every digest with every secret's, in a time that tells nothing of their content. */
  private boolean matches(List<byte[]> given, byte[] before, byte[] body) {
    boolean match = false;
    for (SecretKeySpec key : keys) {
      byte[] expected = digest(key, before, body);
      for (byte[] digest : given) {
        match |= MessageDigest.isEqual(expected, digest);
      }
    }
    return match;
  }

  private static byte[] digest(SecretKeySpec key, byte[] before, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(before);
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  private byte @Nullable [] decode(String text) {
    try {
      return encoding == Encoding.HEX
          ? HexFormat.of().parseHex(text)
          : Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  @Override
  public String toString() {
    return "WebhookSignature[" + scheme + ", header=" + header + ", " + keys.size() + " secrets]";
  }
}
