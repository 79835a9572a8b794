package io.ssegateway.redis.client.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A certificate of the loopback that signs itself, for the server and for the client alike.
 *
 * @param certificate PEM file of it
 * @param key PEM file of its private key
 */
public record Certificate(Path certificate, Path key) {

  /** Makes one; skips the test where openssl is missing. */
  public static Certificate make(Path directory) throws InterruptedException {
    Certificate made =
        new Certificate(directory.resolve("certificate.pem"), directory.resolve("key.pem"));
    try {
      Process process =
          new ProcessBuilder(
                  "openssl",
                  "req",
                  "-x509",
                  "-newkey",
                  "ec",
                  "-pkeyopt",
                  "ec_paramgen_curve:prime256v1",
                  "-nodes",
                  "-keyout",
                  made.key.toString(),
                  "-out",
                  made.certificate.toString(),
                  "-days",
                  "2",
                  "-subj",
                  "/CN=localhost",
                  "-addext",
                  "subjectAltName=DNS:localhost,IP:127.0.0.1")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      assertThat(process.waitFor()).isZero();
    } catch (IOException e) {
      if ("true".equals(System.getenv("SSE_GATEWAY_REQUIRE_OPTIONAL"))) {
        fail("openssl is not installed, and SSE_GATEWAY_REQUIRE_OPTIONAL=true");
      }
      assumeTrue(false, "openssl is not installed");
    }
    return made;
  }

  /** What makes a redis-server use it, on the port alone. */
  public String[] serverArguments(int port) {
    return new String[] {
      "--port",
      "0",
      "--tls-port",
      Integer.toString(port),
      "--tls-cert-file",
      certificate.toString(),
      "--tls-key-file",
      key.toString(),
      "--tls-ca-cert-file",
      certificate.toString()
    };
  }
}
