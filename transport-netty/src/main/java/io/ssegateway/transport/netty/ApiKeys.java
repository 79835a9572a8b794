package io.ssegateway.transport.netty;

import java.security.MessageDigest;
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
    return PREFIX + Tokens.generate();
  }

  /** The SHA-256 of a key, in hex digits, as the configuration holds it. */
  public static String sha256(String key) {
    return HexFormat.of().formatHex(Tokens.sha256(key));
  }

  @Override
  public CompletionStage<Authentication> authenticate(AuthenticationRequest request) {
    String token = request.token();
    if (token == null || token.indexOf('.') >= 0) {
      return ABSENT;
    }
    byte[] hash = Tokens.sha256(token);
    CompletionStage<Authentication> found = UNKNOWN;
    for (Entry entry : entries) { // all of them, always
      if (MessageDigest.isEqual(entry.hash, hash)) {
        found = entry.granted;
      }
    }
    return found;
  }
}
