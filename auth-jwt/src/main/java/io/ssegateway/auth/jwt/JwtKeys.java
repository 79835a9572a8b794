package io.ssegateway.auth.jwt;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys that tokens may be signed by. Thread-safe; never blocks. */
@FunctionalInterface
interface JwtKeys {
  /** Within the gateway's own time for a credential. */
  int FETCH_TIMEOUT_MS = 4000;

  /**
   * The keys that a token with this header could be signed by, perhaps later; fails if they cannot
   * be fetched.
   */
  CompletionStage<List<JWK>> keysFor(JWSHeader header);

  /** Begins to get ready, if that takes time. */
  default void prepare() {}

  /** The keys of these options. */
  static JwtKeys of(JwtOptions options) {
    byte[] secret = options.secret;
    if (secret != null) {
      return fixed(List.of(new OctetSequenceKey.Builder(secret).build()));
    }
    String pem = options.publicKeysPem;
    if (pem != null) {
      return fixed(Pem.read(pem));
    }
    return published(options);
  }

  private static JwtKeys fixed(List<JWK> keys) {
    return header -> {
      KeyType type = KeyType.forAlgorithm(header.getAlgorithm());
      return CompletableFuture.completedFuture(
          keys.stream().filter(key -> key.getKeyType().equals(type)).toList());
    };
  }

  private static JwtKeys published(JwtOptions options) {
    URI uri = Objects.requireNonNull(options.jwksUri);
    return new PublishedKeys(
        options,
        new JwksFetcher(uri, FETCH_TIMEOUT_MS),
        uri.getScheme() + "://" + uri.getAuthority() + uri.getPath(),
        System::nanoTime);
  }

  /** Public keys in PEM. Stateless. */
  final class Pem {
    private static final Pattern BLOCK =
        Pattern.compile("-----BEGIN ([A-Z ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

    private Pem() {}

    /**
     * Reads keys.
     *
     * @throws IllegalArgumentException if there is none, or something that is no public key
     */
    static List<JWK> read(String pem) {
      List<JWK> keys = new ArrayList<>();
      Matcher blocks = BLOCK.matcher(pem);
      while (blocks.find()) {
        keys.add(key(blocks.group(1), blocks.group(2)));
      }
      if (keys.isEmpty()) {
        throw new IllegalArgumentException(
            "JWT public keys: none found (expected: PEM, -----BEGIN PUBLIC KEY-----)");
      }
      return keys;
    }

    private static JWK key(String type, String base64) {
      if (type.contains("PRIVATE")) {
        throw new IllegalArgumentException(
            "JWT public keys: a private key (expected: only public ones; the private one belongs"
                + " to who issues tokens)");
      }
      if (!type.equals("PUBLIC KEY") && !type.equals("CERTIFICATE")) {
        throw new IllegalArgumentException(
            "JWT public keys: " + type + " (expected: PUBLIC KEY, or CERTIFICATE)");
      }
      try {
        byte[] der = Base64.getMimeDecoder().decode(base64);
        if (type.equals("CERTIFICATE")) {
          der =
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der))
                  .getPublicKey()
                  .getEncoded();
        }
        return key(der);
      } catch (IllegalArgumentException | GeneralSecurityException e) {
        throw new IllegalArgumentException(
            "JWT public keys: not readable (expected: RSA, EC or Ed25519): " + e.getMessage(), e);
      }
    }

    /**
     * Nimbus reads PEM only with Bouncy Castle; the JDK needs to be told what kind of key it is.
     */
    private static JWK key(byte[] der) throws GeneralSecurityException {
      if (isEd25519(der)) {
        byte[] x = Arrays.copyOfRange(der, der.length - 32, der.length);
        return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(x)).build();
      }
      X509EncodedKeySpec encoded = new X509EncodedKeySpec(der);
      try {
        RSAPublicKey rsa = (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(encoded);
        if (rsa.getModulus().bitLength() < Signatures.MIN_RSA_BITS) {
          throw new IllegalArgumentException(
              "an RSA key of " + rsa.getModulus().bitLength() + " bits (expected: at least 2048)");
        }
        return new RSAKey.Builder(rsa).build();
      } catch (InvalidKeySpecException noRsa) {
        ECPublicKey key = (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(encoded);
        Curve curve = Curve.forECParameterSpec(key.getParams());
        if (curve == null) {
          throw new IllegalArgumentException("an EC curve that JWT does not know", noRsa);
        }
        return new ECKey.Builder(curve, key).build();
      }
    }

    private static boolean isEd25519(byte[] der) throws GeneralSecurityException {
      if (der.length != 44 || der[8] != 0x70) {
        return false; // the object identifier 1.3.101.112 and 32 bytes
      }
      return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der))
          instanceof EdECPublicKey;
    }
  }
}
