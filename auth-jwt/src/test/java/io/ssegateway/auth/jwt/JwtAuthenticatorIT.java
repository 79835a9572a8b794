package io.ssegateway.auth.jwt;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.ssegateway.transport.netty.Gateway;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way in by a token, and each way to be refused, through a gateway over real sockets. */
class JwtAuthenticatorIT {
  private static final byte[] SECRET =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
          .getBytes(StandardCharsets.US_ASCII);
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .subject("joe")
        .issuer("https://issuer.example")
        .audience(List.of("other", "gateway"))
        .claim("channels", List.of("news", "user.*"))
        .claim("publish", "orders.*")
        .claim("gw", Map.of("roles", List.of("stats", "of.another.program")))
        .expirationTime(Date.from(Instant.now().plusSeconds(60)));
  }

  private static String signed(
      String algorithm, String keyId, JWSSigner signer, JWTClaimsSet claims) throws Exception {
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.parse(algorithm)).keyID(keyId).build();
    SignedJWT token = new SignedJWT(header, claims);
    token.sign(signer);
    return token.serialize();
  }

  private static String hmac(JWTClaimsSet claims) throws Exception {
    return signed("HS256", null, new MACSigner(SECRET), claims);
  }

  private static String pem(java.security.PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  private static KeyPair pair(String algorithm, String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (curve != null) {
      generator.initialize(new ECGenParameterSpec(curve));
    }
    return generator.generateKeyPair();
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A gateway with these options. */
  private static Gateway gateway(JwtOptions.Builder options) throws Exception {
    Gateway gateway =
        Gateway.builder().port(0).authenticator(new JwtAuthenticator(options.build())).build();
    gateway.start();
    return gateway;
  }

  private static JwtOptions.Builder withSecret() {
    return JwtOptions.builder().secret(SECRET).claims("channels", "publish", "gw.roles");
  }

  /** Opens a stream and answers the status, and of a refusal the problem. */
  private static String stream(Gateway gateway, String channel, String token) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:" + gateway.port() + "/sse/connect?channel_id=" + channel))
            .header("Authorization", "Bearer " + token)
            .build();
    HttpResponse<java.io.InputStream> response =
        CLIENT.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (java.io.InputStream body = response.body()) {
      return response.statusCode() == 200
          ? "200"
          : response.statusCode() + " " + new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static int send(Gateway gateway, String path, String body, String token)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
            .header("Authorization", "Bearer " + token);
    if (body != null) {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  @Test
  void theClaimsOfAGoodTokenAreWhatItGrants() throws Exception {
    try (Gateway gateway =
        gateway(withSecret().issuer("https://issuer.example").audience("gateway"))) {
      String token = hmac(claims().build());
      assertThat(stream(gateway, "news", token)).isEqualTo("200");
      assertThat(stream(gateway, "user.42", token)).isEqualTo("200");
      assertThat(stream(gateway, "other", token)).startsWith("403").contains("other");
      String order = "{\"channel_id\":\"orders.1\",\"data\":\"x\"}";
      assertThat(send(gateway, "/api/send", order, token)).isEqualTo(200);
      assertThat(send(gateway, "/api/send", "{\"data\":\"all\"}", token)).isEqualTo(403);
      assertThat(send(gateway, "/api/stats", null, token)).isEqualTo(200);
    }
  }

  @Test
  void aTokenThatDoesNotHoldIsRefusedWithTheReason() throws Exception {
    try (Gateway gateway =
        gateway(
            withSecret().issuer("https://issuer.example").audience("gateway").clockSkewMs(5000))) {
      Instant now = Instant.now();
      String good = hmac(claims().build());
      byte[] other =
          "another.secret..another.secret..another.secret..".getBytes(StandardCharsets.US_ASCII);
      Map<String, String> refused =
          Map.ofEntries(
              Map.entry(
                  hmac(claims().expirationTime(Date.from(now.minusSeconds(10))).build()),
                  "token: expired"),
              Map.entry(hmac(claims().expirationTime(null).build()), "when it expires"),
              Map.entry(
                  hmac(claims().notBeforeTime(Date.from(now.plusSeconds(30))).build()),
                  "not valid yet"),
              Map.entry(hmac(claims().issuer("https://evil.example").build()), "another issuer"),
              Map.entry(hmac(claims().audience("other").build()), "another audience"),
              Map.entry(hmac(claims().claim("channels", List.of(1)).build()), "claim channels"),
              Map.entry(
                  signed("HS256", null, new MACSigner(other), claims().build()),
                  "signature is wrong"),
              Map.entry(good.substring(0, good.length() - 4) + "AAAA", "signature is wrong"),
              Map.entry(new PlainJWT(claims().build()).serialize(), "not a signed JWT"),
              Map.entry("a.b.c", "not a signed JWT"));
      for (Map.Entry<String, String> each : refused.entrySet()) {
        assertThat(stream(gateway, "news", each.getKey()))
            .startsWith("401")
            .contains(each.getValue())
            .doesNotContain(each.getKey());
      }
      String within = hmac(claims().expirationTime(Date.from(now.minusSeconds(1))).build());
      assertThat(stream(gateway, "news", within)).as("within the skew").isEqualTo("200");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "RS512", "PS256", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
  void everyAsymmetricAlgorithmIsKnown(String algorithm) throws Exception {
    KeyPair pair =
        switch (algorithm) {
          case "ES256" -> pair("EC", "secp256r1");
          case "ES384" -> pair("EC", "secp384r1");
          case "ES512" -> pair("EC", "secp521r1");
          case "EdDSA" -> pair("Ed25519", null);
          default -> pair("RSA", null);
        };
    String token;
    if (algorithm.equals("EdDSA")) {
      String input = base64("{\"alg\":\"EdDSA\"}") + "." + base64(claims().build().toString());
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(pair.getPrivate());
      signature.update(input.getBytes(StandardCharsets.US_ASCII));
      token =
          input + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    } else {
      JWSSigner signer =
          algorithm.startsWith("ES")
              ? new ECDSASigner((ECPrivateKey) pair.getPrivate())
              : new RSASSASigner(pair.getPrivate());
      token = signed(algorithm, "any", signer, claims().build());
    }
    try (Gateway gateway = gateway(JwtOptions.builder().publicKeys(pem(pair.getPublic())));
        Gateway strict =
            gateway(
                JwtOptions.builder()
                    .publicKeys(pem(pair.getPublic()))
                    .algorithms(List.of(algorithm.equals("RS384") ? "RS256" : "RS384")))) {
      assertThat(stream(gateway, "news", token)).isEqualTo("200");
      assertThat(stream(strict, "news", token)).startsWith("401").contains("not allowed");
      // the bytes of a public key are no secret
      String confused =
          signed(
              "HS256",
              null,
              new MACSigner(pem(pair.getPublic()).getBytes(StandardCharsets.US_ASCII)),
              claims().build());
      assertThat(stream(gateway, "news", confused)).startsWith("401").contains("not allowed");
    }
  }

  @Test
  void publishedKeysAreFetchedAgainForAnUnknownOneAndKeptWhileTheyCannotBe() throws Exception {
    RSAKey first = new RSAKeyGenerator(2048).keyID("1").generate();
    RSAKey second = new RSAKeyGenerator(2048).keyID("2").generate();
    RSAKey stranger = new RSAKeyGenerator(2048).keyID("3").generate();
    JWKSet[] published = {new JWKSet(first.toPublicJWK())};
    boolean[] broken = {false};
    AtomicInteger fetches = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/jwks",
        exchange -> {
          fetches.incrementAndGet();
          byte[] body = published[0].toString().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(broken[0] ? 500 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks");
    try (Gateway gateway =
        gateway(JwtOptions.builder().jwks(uri).jwksTimes(60_000, 1, 3_600_000))) {
      String old = signed("RS256", "1", new RSASSASigner(first), claims().build());
      assertThat(stream(gateway, "news", old)).isEqualTo("200");
      assertThat(stream(gateway, "news", old)).isEqualTo("200");
      assertThat(fetches).hasValue(1);

      published[0] = new JWKSet(List.of(first.toPublicJWK(), second.toPublicJWK()));
      String fresh = signed("RS256", "2", new RSASSASigner(second), claims().build());
      assertThat(stream(gateway, "news", fresh)).as("after a rotation").isEqualTo("200");
      assertThat(fetches).hasValue(2);

      broken[0] = true;
      assertThat(stream(gateway, "news", old)).as("in an outage").isEqualTo("200");
      String unknown = signed("RS256", "3", new RSASSASigner(stranger), claims().build());
      assertThat(stream(gateway, "news", unknown)).startsWith("503");
      assertThat(stream(gateway, "news", fresh)).isEqualTo("200");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void keysThatCannotBeFetchedAtAllAreA503() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    } // nobody listens
    String token = rsa();
    try (Gateway gateway =
        gateway(JwtOptions.builder().jwks(URI.create("http://127.0.0.1:" + port + "/jwks")))) {
      assertThat(stream(gateway, "news", token)).startsWith("503").contains("cannot be fetched");
    }
  }

  @Test
  void aServerOfKeysThatSendsNothingAnEndlessBodyOrARedirectIsA503() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ExecutorService threads = Executors.newCachedThreadPool();
    CountDownLatch ended = new CountDownLatch(1);
    server.setExecutor(threads);
    server.createContext(
        "/silent",
        exchange -> {
          try {
            ended.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.createContext(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] part = new byte[1 << 16];
          while (ended.getCount() > 0) {
            exchange.getResponseBody().write(part); // until the other side has had enough
          }
        });
    server.createContext(
        "/redirect",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/endless");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.start();
    String base = "http://127.0.0.1:" + server.getAddress().getPort();
    try {
      assertThat(failure(base + "/silent", 200)).isInstanceOf(TimeoutException.class);
      assertThat(failure(base + "/endless", 10_000)).hasMessageContaining("which is the limit");
      assertThat(failure(base + "/redirect", 10_000)).hasMessageContaining("status 302");
    } finally {
      ended.countDown();
      server.stop(0);
      threads.shutdownNow();
    }
  }

  private static Throwable failure(String uri, int timeoutMs) throws Exception {
    try {
      new JwksFetcher(URI.create(uri), timeoutMs).get().toCompletableFuture().get(15, SECONDS);
      throw new AssertionError("fetched");
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  private static String rsa() throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("1").generate();
    return signed("RS256", "1", new RSASSASigner(key), claims().build());
  }

  @Test
  void aStreamEndsAtExpWithItsReasonAndATokenWithoutEndOnlyCountsByChoice() throws Exception {
    String endless = hmac(claims().expirationTime(null).build());
    String brief = hmac(claims().expirationTime(Date.from(Instant.now().plusMillis(1200))).build());
    try (Gateway gateway = gateway(withSecret().requireExpiry(false))) {
      assertThat(stream(gateway, "news", endless)).isEqualTo("200");
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + gateway.port() + "/sse/connect?channel_id=news"))
              .header("Authorization", "Bearer " + brief)
              .build();
      HttpResponse<String> whole =
          CLIENT
              .sendAsync(request, HttpResponse.BodyHandlers.ofString())
              .get(10, SECONDS); // it ends by itself, although the skew is 30 s
      assertThat(whole.body()).contains("event: close\ndata: {\"reason\":\"expired\"}\n\n");
    }
  }

  @Test
  void aHeaderOfTenThousandNestedArraysOrWithAnUnknownCriticalParameterIsRefused()
      throws Exception {
    String nested = "{\"alg\":\"HS256\",\"x\":" + "[".repeat(5000) + "]".repeat(5000) + "}";
    JWSHeader critical =
        new JWSHeader.Builder(JWSAlgorithm.HS256).criticalParams(Set.of("exp")).build();
    SignedJWT token = new SignedJWT(critical, claims().build());
    token.sign(new MACSigner(SECRET));
    try (Gateway gateway = gateway(withSecret())) {
      assertThat(stream(gateway, "news", base64(nested) + ".e30.AAAA"))
          .startsWith("401")
          .contains("not a signed JWT");
      assertThat(stream(gateway, "news", token.serialize()))
          .startsWith("401")
          .contains("critical header");
    }
  }

  @Test
  void anRsaKeyThatIsTooShortIsRefused() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(1024);
    String pem = pem(generator.generateKeyPair().getPublic());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new JwtAuthenticator(JwtOptions.builder().publicKeys(pem).build()))
        .withMessageContaining("1024 bits (expected: at least 2048)");
  }

  @Test
  void optionsThatDoNotFitAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JwtOptions.builder().build())
        .withMessageContaining("expected: one of");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JwtOptions.builder().secret(new byte[31]).build())
        .withMessageContaining("31 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> withSecret().algorithms(List.of("RS256")).build())
        .withMessageContaining("RS256");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> JwtOptions.builder().secret(new byte[32]).algorithms(List.of("HS512")).build())
        .withMessageContaining("the secret has 32 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> JwtOptions.builder().jwks(URI.create("https://me:hidden@id.example/k")).build())
        .withMessageContaining("password")
        .withMessageNotContaining("hidden");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JwtOptions.builder().publicKeys("x").algorithms(List.of("none")).build())
        .withMessageContaining("none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JwtOptions.builder().jwks(URI.create("http://192.0.2.1/k")).build())
        .withMessageContaining("https://");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new JwtAuthenticator(JwtOptions.builder().publicKeys("x").build()))
        .withMessageContaining("PEM");
  }
}
