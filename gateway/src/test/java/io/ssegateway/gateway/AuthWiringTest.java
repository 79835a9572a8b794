package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.transport.netty.ApiKeys;
import io.ssegateway.transport.netty.Gateway;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What settings of authentication mean, and which of them cannot be used. */
class AuthWiringTest {
  private static final String SECRET = "s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t";
  private static final String HASH = "0123456789abcdef".repeat(4);

  @TempDir Path directory;

  private static void assertRefused(String message, String... settings) {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(
            () ->
                Wiring.gateway(
                    Configurations.of(settings), AuthWiring.of(Configurations.of(settings))))
        .withMessageContaining(message)
        .withMessageNotContaining("s3cr3t")
        .withMessageNotContaining("sgk_");
  }

  private Path keys(String text) throws IOException {
    return Files.writeString(directory.resolve("keys.properties"), text);
  }

  private void assertKeysRefused(String message, String text) throws IOException {
    assertRefused(message, "journal=none", "api-keys=" + keys(text));
  }

  @Test
  void settingsThatDoNotFitEachOtherAreNamed() {
    assertRefused(
        "jwt-secret, jwt-jwks-url: set together (expected: one of them)",
        "jwt-secret=" + SECRET,
        "jwt-jwks-url=https://id.example/jwks");
    assertRefused("jwt-issuer: set, but without effect", "jwt-issuer=https://id.example");
    assertRefused("auth-cookie: set, but without effect", "auth-cookie=session");
    assertRefused("jwt-secret: JWT secret: 10 bytes", "jwt-secret=s3cr3t1234");
    assertRefused("expected: of [HS256]", "jwt-secret=" + SECRET, "jwt-algorithms=RS256");
    assertRefused("jwt-jwks-url", "jwt-jwks-url=http://192.0.2.1/jwks");
    assertRefused("jwt-jwks-url: no URL at character", "jwt-jwks-url=https://id example/");
    assertRefused("does not exist", "jwt-public-keys=" + directory.resolve("none.pem"));
    assertRefused("clock skew: 3600000 ms", "jwt-secret=" + SECRET, "jwt-clock-skew=1h");
  }

  @Test
  void aPemFileWithoutAPublicKeyIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("k.pem"), "s3cr3t");
    assertRefused("JWT public keys: none found", "journal=none", "jwt-public-keys=" + file);
    Files.writeString(file, "-----BEGIN PRIVATE KEY-----\ns3cr3t\n-----END PRIVATE KEY-----\n");
    assertRefused("a private key (expected: only public ones", "jwt-public-keys=" + file);
  }

  @Test
  void aBadLineInTheFileOfKeysIsNamedAndItsValueIsNot() throws IOException {
    String good = "a.sha256=" + HASH + "\na.publish=*\n";
    assertKeysRefused("is empty", "");
    assertKeysRefused("a key without a dot", "sgk_s3cr3t=1");
    assertKeysRefused("a in ", "a.sha256=sgk_s3cr3t\na.publish=*");
    assertKeysRefused("64 hex digits, never the key itself", "a.publish=*");
    assertKeysRefused("it may do nothing", "a.sha256=" + HASH);
    assertKeysRefused("roles: \"root\" (expected: stats or admin)", good + "a.roles=root");
    assertKeysRefused("[subscribes]: unknown", good + "a.subscribes=x");
    assertKeysRefused(
        "b in ", good + "b.publish=x\nb.sha256=" + HASH.toUpperCase(java.util.Locale.ROOT));
    assertRefused("does not exist", "api-keys=" + directory.resolve("none"));
  }

  @Test
  void noSecretIsPrintedWithTheConfiguration() {
    assertThat(Configurations.of("jwt-secret=" + SECRET).print())
        .contains("#jwt-secret=(hidden)")
        .doesNotContain("s3cr3t");
  }

  @Test
  void aNewKeyIsOfItsHashAndNamed() {
    ApiKeyFile.NewKey made = ApiKeyFile.newKey("ci");
    assertThat(made.line()).isEqualTo("ci.sha256=" + ApiKeys.sha256(made.key()));
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> ApiKeyFile.newKey("a.b"))
        .withMessageContaining("a.b");
  }

  @Test
  void apiKeysAloneCloseNoStream() throws Exception {
    String key = ApiKeys.generate();
    Path file = keys("p.sha256=" + ApiKeys.sha256(key) + "\np.publish=a");
    Configuration keysOnly = Configurations.of("port=0", "journal=none", "api-keys=" + file);
    Configuration some =
        Configurations.of("port=0", "journal=none", "api-keys=" + file, "anonymous-channels=a");
    try (Gateway open = Wiring.gateway(keysOnly, AuthWiring.of(keysOnly));
        Gateway closed = Wiring.gateway(some, AuthWiring.of(some))) {
      open.start();
      closed.start();
      assertThat(status(open, "/sse/connect?channel_id=anything")).isEqualTo(200);
      assertThat(status(open, "/sse/connect?channel_id=a", "Authorization", "Bearer sgk_x"))
          .isEqualTo(401);
      assertThat(status(open, "/api/stats")).isEqualTo(401);
      assertThat(status(closed, "/sse/connect?channel_id=a")).isEqualTo(200);
      assertThat(status(closed, "/sse/connect?channel_id=anything")).isEqualTo(401);
    }
  }

  private static int status(Gateway gateway, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<java.io.InputStream> response =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    response.body().close();
    return response.statusCode();
  }
}
