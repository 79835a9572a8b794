package io.ssegateway.auth.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * Checks signatures. The type of the key, never the token, says how: an HMAC under the bytes of a
 * public key is no signature. Nimbus needs Google Tink for Ed25519; the JDK has it since 15.
 * Stateless.
 */
final class Signatures {
  private static final byte[] ED25519_PREFIX =
      HexFormat.of().parseHex("302a300506032b6570032100"); // RFC 8410

  static final int MIN_RSA_BITS = 2048;

  private Signatures() {}

  /** Whether a token is signed by a key. */
  static boolean verify(SignedJWT token, JWK key) {
    try {
      if (key instanceof OctetSequenceKey secret) {
        return token.verify(new MACVerifier(secret));
      }
      if (key instanceof RSAKey rsa) {
        return rsa.size() >= MIN_RSA_BITS && token.verify(new RSASSAVerifier(rsa));
      }
      if (key instanceof ECKey ec) {
        return token.verify(new ECDSAVerifier(ec));
      }
      return key instanceof OctetKeyPair pair
          && pair.getCurve().equals(Curve.Ed25519)
          && verifyEd25519(token, pair);
    } catch (JOSEException | GeneralSecurityException e) {
      return false; // the algorithm, or the signature, does not fit the key
    }
  }

  private static boolean verifyEd25519(SignedJWT token, OctetKeyPair pair)
      throws GeneralSecurityException {
    byte[] x = pair.getDecodedX();
    if (x.length != 32) {
      return false;
    }
    byte[] der = new byte[ED25519_PREFIX.length + x.length];
    System.arraycopy(ED25519_PREFIX, 0, der, 0, ED25519_PREFIX.length);
    System.arraycopy(x, 0, der, ED25519_PREFIX.length, x.length);
    Signature signature = Signature.getInstance("Ed25519");
    signature.initVerify(
        KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der)));
    signature.update(token.getSigningInput());
    return signature.verify(token.getSignature().decode());
  }
}
