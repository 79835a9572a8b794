package io.ssegateway.transport.netty;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Recognises API keys: tokens without a dot, of which only the SHA-256 is known. That is enough for
 * keys of 256 random bits, as {@link #generate} makes them; it would not be for passwords.
 * Comparisons take the same time whatever the key. Immutable and thread-safe.
 */
public final class ApiKeys implements Authenticator {
  private static final String PREFIX = "sgk_";
  private static final int BYTES = 32;

  @SuppressWarnings("ArrayRecordComponent") // never compared by equals
  private record Entry(byte[] hash, CompletionStage<Authentication> granted) {}

  private static final CompletionStage<Authentication> ABSENT =
      CompletableFuture.completedFuture(Authentication.absent());

  private static final CompletionStage<Authentication> UNKNOWN =
      CompletableFuture.completedFuture(Authentication.refused(401, "API key: unknown"));

  private final List<Entry> entries;

  /** Recognises these keys. */
  public ApiKeys(Collection<ApiKey> keys) {
    entries =
        keys.stream()
            .map(
                key ->
                    new Entry(
                        key.hash(),
                        CompletableFuture.completedFuture(Authentication.granted(key.grant()))))
            .toList();
  }

  /** A new key of 256 random bits. */
  public static String generate() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The SHA-256 of a key, in hex digits, as the configuration holds it. */
  public static String sha256(String key) {
    return HexFormat.of().formatHex(digest(key));
  }

  @Override
  public CompletionStage<Authentication> authenticate(AuthenticationRequest request) {
    String token = request.token();
    if (token == null || token.indexOf('.') >= 0) {
      return ABSENT;
    }
    byte[] hash = digest(token);
    CompletionStage<Authentication> found = UNKNOWN;
    for (Entry entry : entries) { // all of them, always
      if (MessageDigest.isEqual(entry.hash, hash)) {
        found = entry.granted;
      }
    }
    return found;
  }

  private static byte[] digest(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
