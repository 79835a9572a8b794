package io.ssegateway.transport.netty.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A certificate of localhost that signed itself, with its key. Made by the JDK's keytool. */
public final class TestCertificate {
  private static final Map<String, TestCertificate> MADE = new ConcurrentHashMap<>();
  private static final char[] PASSWORD = "changeit".toCharArray();

  private final String certificatePem;
  private final String keyPem;
  private final KeyStore trusted;

  private TestCertificate(String certificatePem, String keyPem, KeyStore trusted) {
    this.certificatePem = certificatePem;
    this.keyPem = keyPem;
    this.trusted = trusted;
  }

  /**
   * Makes one, or answers the one that was made before by that name.
   *
   * @param algorithm EC or RSA
   */
  public static TestCertificate of(String name, String algorithm) {
    return MADE.computeIfAbsent(name + " " + algorithm, n -> make(name, algorithm));
  }

  private static TestCertificate make(String name, String algorithm) {
    try {
      Path directory = Files.createTempDirectory("test-certificate");
      Path store = directory.resolve("store.p12");
      String failure =
          OptionalPrograms.run(
              directory,
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "server",
                  "-keyalg",
                  algorithm,
                  "-dname",
                  "CN=" + name,
                  "-ext",
                  "san=dns:localhost,ip:127.0.0.1",
                  "-validity",
                  "30",
                  "-storetype",
                  "PKCS12",
                  "-keystore",
                  store.toString(),
                  "-storepass",
                  new String(PASSWORD)));
      if (failure != null) {
        throw new AssertionError(failure);
      }
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(store)) {
        keys.load(in, PASSWORD);
      }
      Files.delete(store);
      Files.delete(directory);
      Certificate certificate = keys.getCertificate("server");
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("server", certificate);
      return new TestCertificate(
          pem("CERTIFICATE", certificate.getEncoded()),
          pem("PRIVATE KEY", keys.getKey("server", PASSWORD).getEncoded()),
          trusted);
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static String pem(String what, byte[] der) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + what
        + "-----\n";
  }

  /** Writes both files. */
  public void write(Path certificate, Path key) throws IOException {
    Files.writeString(certificate, certificatePem, StandardCharsets.US_ASCII);
    Files.writeString(key, keyPem, StandardCharsets.US_ASCII);
  }

  /** What a client needs that trusts this certificate and no other. */
  public SSLContext clientContext() throws GeneralSecurityException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  /** Connects to a port of this machine, and trusts this certificate only. */
  public RawClient connect(int port, String... protocols)
      throws IOException, GeneralSecurityException {
    SSLSocket socket =
        (SSLSocket)
            clientContext().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    if (protocols.length > 0) {
      socket.setEnabledProtocols(protocols);
    }
    socket.setTcpNoDelay(true);
    RawClient client = RawClient.over(socket);
    try {
      socket.startHandshake();
    } catch (IOException e) {
      client.close();
      throw e;
    }
    return client;
  }
}
