package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks over HTTP, with the file and the command that the documentation shows. */
class WebhookIT {
  private static final Path PAGE = Path.of("..", "docs", "webhook.md");
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String GITHUB_BODY = "{\"repository\":{\"full_name\":\"me/it\"},\"ref\":1}";
  private static final String STRIPE_BODY =
      "{\"id\":\"evt_1\",\"type\":\"invoice.paid\",\"data\":{\"object\":{\"total\":5}}}";
  private static final String SHOP_BODY =
      "{\"event_id\":\"e-7\",\"customer\":{\"id\":\"c\"},\"payload\":\"as it is\"}";

  @TempDir static Path directory;
  private static GatewayProcess gateway;

  @BeforeAll
  static void start() throws IOException {
    Path file = Files.writeString(directory.resolve("webhooks.properties"), marked("properties"));
    gateway = GatewayProcess.start("--port=0", "--webhooks=" + file);
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  /** What stands on the page to be run, of a language. */
  private static String marked(String language) throws IOException {
    Matcher matcher =
        Pattern.compile("<!-- run -->\\n```" + language + "\\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE));
    assertThat(matcher.find()).as("%s of %s", language, PAGE).isTrue();
    return matcher.group(1);
  }

  private static byte[] hmac(String secret, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest);
  }

  private static HttpResponse<String> post(String name, String body, String... headers)
      throws IOException, InterruptedException {
    return Requests.post(gateway.url("/webhook/" + name), body, headers);
  }

  private static HttpResponse<String> github(String secret, String delivery) throws Exception {
    return post(
        "github",
        GITHUB_BODY,
        "Content-Type",
        "application/json",
        "X-GitHub-Event",
        "push",
        "X-GitHub-Delivery",
        delivery,
        "X-Hub-Signature-256",
        "sha256=" + hex(hmac(secret, GITHUB_BODY)));
  }

  private static SseStream stream(String channel) throws IOException, InterruptedException {
    return SseStream.open(gateway.url("/sse/connect?channel_id=" + channel), "");
  }

  private static void assertOnly(SseStream stream, String type, String data, String publisherId) {
    await().atMost(LIMIT).until(() -> !stream.events().isEmpty());
    assertThat(stream.events()).hasSize(1);
    assertThat(stream.events().get(0).type()).isEqualTo(type);
    assertThat(stream.data()).containsExactly(data);
    assertThat(stream.comments()).contains("publisher-id=" + publisherId);
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String detail) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Requests.contentType(answer)).isEqualTo("application/problem+json");
    assertThat(answer.body()).contains(detail);
  }

  @Test
  void theExampleOfTheDocumentationArrives() throws Exception {
    try (SseStream stream = stream("shop.42")) {
      String script = marked("bash").replace("127.0.0.1:8080", "127.0.0.1:" + gateway.port());
      Process process =
          new ProcessBuilder("bash", "-c", "set -eo pipefail\n" + script)
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
      assertThat(output).contains("\"success\":true");

      assertOnly(stream, "order", "{\"total\":1999}", "e-1");
    }
  }

  @Test
  void gitHubArrivesWithEitherSecret() throws Exception {
    try (SseStream stream = stream("github.me/it")) {
      assertThat(github("change-me", "d-1").statusCode()).isEqualTo(202);
      assertOnly(stream, "push", GITHUB_BODY, "d-1");

      assertThat(github("the-one-before", "d-2").statusCode()).isEqualTo(202);
      await().atMost(LIMIT).until(() -> stream.events().size() == 2);
      assertThat(stream.comments()).contains("publisher-id=d-2");
    }
  }

  @Test
  void stripeArrivesOnceAndNotWhenItIsOld() throws Exception {
    try (SseStream stream = stream("stripe")) {
      String good = stripeSignature(Instant.now());
      assertThat(post("stripe", STRIPE_BODY, "Stripe-Signature", good).statusCode()).isEqualTo(202);
      assertOnly(stream, "invoice.paid", "{\"total\":5}", "evt_1");

      assertProblem(
          post("stripe", STRIPE_BODY, "Stripe-Signature", good), 401, "this request came before");
      assertProblem(
          post(
              "stripe",
              STRIPE_BODY,
              "Stripe-Signature",
              stripeSignature(Instant.now().minusSeconds(3600))),
          401,
          "expected: at most 300 s ago");
      assertThat(stream.events()).hasSize(1);
    }
  }

  private static String stripeSignature(Instant time) throws GeneralSecurityException {
    long seconds = time.getEpochSecond();
    return "t=" + seconds + ",v1=" + hex(hmac("whsec_change-me", seconds + "." + STRIPE_BODY));
  }

  @Test
  void aSignatureOfAnotherSecretOrBodyIsRefusedAndNothingArrives() throws Exception {
    try (SseStream stream = stream("shop.c&channel_id=github.me/it")) {
      assertProblem(github("guessed", "d-3"), 401, "X-Hub-Signature-256 does not match the body");
      assertProblem(post("shop", SHOP_BODY), 401, "no header X-Shop-Signature");
      assertProblem(
          post("shop", SHOP_BODY, "X-Shop-Signature", "%%%"),
          401,
          "X-Shop-Signature is not BASE64");
      String good = Base64.getEncoder().encodeToString(hmac("change-me-too", SHOP_BODY));
      assertProblem(
          post("shop", SHOP_BODY + " ", "X-Shop-Signature", good, "X-Shop-Event", "order"),
          401,
          "does not match the body");
      assertProblem(post("shop", SHOP_BODY, "X-Shop-Signature", good), 400, "event_type");

      HttpResponse<String> accepted =
          post("shop", SHOP_BODY, "X-Shop-Signature", good, "X-Shop-Event", "order");
      assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
      assertOnly(stream, "order", "as it is", "e-7");
    }
    assertThat(Requests.get(gateway.url("/api/stats")).body())
        .containsPattern("\"name\":\"webhook\",\"up\":true,\"detail\":\"\",\"received\":[1-9]");
  }

  @Test
  void unknownNamesAndOtherMethodsAreRefused() throws Exception {
    assertProblem(post("nobody", "{}"), 404, "no route of that name");
    HttpResponse<String> get = Requests.get(gateway.url("/webhook/github"));
    assertProblem(get, 405, "GET");
    assertThat(get.headers().firstValue("Allow")).hasValue("POST, OPTIONS");
  }

  @Test
  void anUnsignedWebhookIsForThisMachineOnly() throws Exception {
    try (SseStream stream = stream("anything")) {
      assertProblem(
          post("build", "{\"ok\":true}", "X-Forwarded-For", "192.0.2.1"),
          403,
          "build has no secret");
      assertThat(post("build", "{\"ok\":true}").statusCode()).isEqualTo(202);
      await().atMost(LIMIT).until(() -> !stream.events().isEmpty());
      assertThat(stream.data()).containsExactly("{\"ok\":true}");
      assertThat(stream.events().get(0).type()).isEqualTo("build");
    }
  }

  @Test
  void aBadFileStopsTheStart() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("bad.properties"),
            "shop.channel=shop\nshop.signature=hmac-sha1\nshop.secrets=very-secret");
    try (GatewayProcess process = GatewayProcess.start("--port=0", "--webhooks=" + file)) {
      assertThat(process.exitCode()).isEqualTo(2);
      assertThat(String.join("\n", process.output()))
          .contains("webhooks: shop in " + file + ": signature: \"hmac-sha1\" (expected: ")
          .doesNotContain("very-secret")
          .doesNotContain("Exception");
    }
  }
}
