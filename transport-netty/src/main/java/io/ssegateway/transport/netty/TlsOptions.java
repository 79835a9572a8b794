package io.ssegateway.transport.netty;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Where the certificate is, and how it is kept current. Immutable.
 *
 * @param certificate a PEM file: the server's certificate, then those that lead to the root
 * @param key a PEM file: the private key in PKCS #8, RSA or EC, not encrypted
 * @param reloadMs time in ms after which both files are looked at again
 */
public record TlsOptions(Path certificate, Path key, int reloadMs) {
  private static final int RELOAD_MS = 5_000;

  /**
   * Checks the options; the files are read when the gateway starts.
   *
   * @throws IllegalArgumentException if the time is not positive
   */
  public TlsOptions {
    Objects.requireNonNull(certificate, "certificate");
    Objects.requireNonNull(key, "key");
    if (reloadMs <= 0) {
      throw new IllegalArgumentException("reloadMs: " + reloadMs + " (expected: > 0)");
    }
  }

  /** Two files, looked at every 5 s. */
  public static TlsOptions of(Path certificate, Path key) {
    return new TlsOptions(certificate, key, RELOAD_MS);
  }
}
