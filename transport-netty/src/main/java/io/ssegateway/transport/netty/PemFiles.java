package io.ssegateway.transport.netty;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The bytes of a certificate's and a key's file at one moment. Immutable. */
final class PemFiles {
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
  private static final List<String> ALGORITHMS = List.of("RSA", "EC");

  private final TlsOptions options;
  private final byte[] certificate;
  private final byte[] key;

  private PemFiles(TlsOptions options, byte[] certificate, byte[] key) {
    this.options = options;
    this.certificate = certificate;
    this.key = key;
  }

  /**
   * Reads the files.
   *
   * @throws IOException if one cannot be read; the text names it
   */
  static PemFiles read(TlsOptions options) throws IOException {
    return new PemFiles(
        options,
        read(options.certificate(), "certificate"),
        read(options.key(), "key of the certificate"));
  }

  private static byte[] read(Path file, String what) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new IOException(what + ": cannot read " + file + ": " + e, e);
    }
  }

  boolean isSame(PemFiles other) {
    return Arrays.equals(certificate, other.certificate) && Arrays.equals(key, other.key);
  }

  /** A private key, and the certificates from its own on to the root's. */
  record KeyAndCertificates(PrivateKey key, List<X509Certificate> chain) {}

  /**
   * Takes the files apart, and checks that they belong together.
   *
   * @throws GeneralSecurityException if they do not; the text says which, and what is expected
   */
  KeyAndCertificates decode() throws GeneralSecurityException {
    List<X509Certificate> chain = chain();
    PrivateKey privateKey = privateKey();
    if (!belongTogether(privateKey, chain.get(0))) {
      throw new GeneralSecurityException(
          "key: "
              + options.key()
              + " is not that of the certificate in "
              + options.certificate()
              + " ("
              + chain.get(0).getSubjectX500Principal()
              + ")");
    }
    return new KeyAndCertificates(privateKey, chain);
  }

  private List<X509Certificate> chain() throws GeneralSecurityException {
    try {
      List<X509Certificate> chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(certificate))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!chain.isEmpty()) {
        return chain;
      }
    } catch (CertificateException e) {
      throw new GeneralSecurityException(
          "certificate: " + options.certificate() + ": " + e.getMessage(), e);
    }
    throw new GeneralSecurityException(
        "certificate: " + options.certificate() + " holds none (expected: BEGIN CERTIFICATE)");
  }

  private PrivateKey privateKey() throws GeneralSecurityException {
    Matcher pem = PEM.matcher(new String(key, StandardCharsets.ISO_8859_1));
    String found = "nothing in PEM";
    while (pem.find()) {
      if (pem.group(1).equals("PRIVATE KEY")) {
        return decode(pem.group(2));
      }
      found = "BEGIN " + pem.group(1);
    }
    throw new GeneralSecurityException(
        "key: "
            + options.key()
            + " holds "
            + found
            + " (expected: BEGIN PRIVATE KEY; try: openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW)");
  }

  private PrivateKey decode(String base64) throws GeneralSecurityException {
    PKCS8EncodedKeySpec encoded;
    try {
      encoded = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("key: " + options.key() + ": " + e.getMessage(), e);
    }
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
      } catch (InvalidKeySpecException e) {
        // perhaps the next
      }
    }
    throw new GeneralSecurityException(
        "key: " + options.key() + " is of no known kind (expected one of: " + ALGORITHMS + ")");
  }

  /** Whether what the key signs the certificate confirms. */
  private static boolean belongTogether(PrivateKey key, X509Certificate certificate)
      throws GeneralSecurityException {
    if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
      return false;
    }
    Signature signature =
        Signature.getInstance(
            key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
    byte[] sample = {1, 2, 3};
    signature.initSign(key);
    signature.update(sample);
    byte[] signed = signature.sign();
    signature.initVerify(certificate);
    signature.update(sample);
    return signature.verify(signed);
  }
}
