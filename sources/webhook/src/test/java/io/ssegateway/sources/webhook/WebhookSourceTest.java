package io.ssegateway.sources.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.ssegateway.engine.Engine;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.ReceivedEvent;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.engine.testing.StagedJournal;
import io.ssegateway.sources.webhook.WebhookResult.Status;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebhookSourceTest {
  private static final String BODY =
      "{\"id\":\"evt_1\",\"type\":\"charge.succeeded\",\"data\":{\"object\":{\"amount\":100}}}";

  private volatile Instant now = Instant.ofEpochSecond(1_700_000_000);
  private final StagedJournal journal = new StagedJournal();
  private final WebhookSource source =
      new WebhookSource(
          List.of(
              WebhookRoute.stripe("stripe", List.of("whsec_1", "whsec_2")).build(),
              WebhookRoute.builder("open")
                  .channel("{/channel}")
                  .signature(WebhookSignature.none())
                  .build()),
          () -> now);
  private Engine engine;

  @AfterEach
  void closeEngine() {
    journal.setStuck(false);
    if (engine != null) {
      engine.close();
    }
  }

  private void startEngine(EngineOptions options) {
    engine = Engine.builder().options(options).journal(journal).source(source).build();
    engine.start();
  }

  private void startEngine() {
    startEngine(EngineOptions.DEFAULTS);
  }

  private CompletableFuture<WebhookResult> send(
      String name, Map<String, String> headers, String body) {
    Map<String, String> caseless = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    caseless.putAll(headers);
    CompletableFuture<WebhookResult> result = new CompletableFuture<>();
    source.handle(
        name,
        caseless::get,
        body.getBytes(StandardCharsets.UTF_8),
        answer -> assertThat(result.complete(answer)).as("answered once").isTrue());
    return result;
  }

  private static WebhookResult result(CompletableFuture<WebhookResult> future) throws Exception {
    return future.get(10, TimeUnit.SECONDS);
  }

  private static Map<String, String> stripe(long seconds, String secret, String body)
      throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    byte[] digest = mac.doFinal((seconds + "." + body).getBytes(StandardCharsets.UTF_8));
    return Map.of("Stripe-Signature", "t=" + seconds + ",v1=" + HexFormat.of().formatHex(digest));
  }

  @Test
  void aGoodRequestIsAnsweredOnceTheJournalHasIt() throws Exception {
    journal.setStuck(true);
    startEngine(EngineOptions.DEFAULTS);
    List<ReceivedEvent> events = new CopyOnWriteArrayList<>();
    engine.subscribe(List.of("stripe"), null, events::add);

    CompletableFuture<WebhookResult> answer =
        send("stripe", stripe(1_700_000_000, "whsec_1", BODY), BODY);
    assertThat(answer).as("the journal has not got it yet").isNotDone();
    journal.setStuck(false);

    assertThat(result(answer)).isEqualTo(new WebhookResult(Status.ACCEPTED, 1, ""));
    await().untilAsserted(() -> assertThat(events).hasSize(1));
    assertThat(events.get(0).type()).isEqualTo("charge.succeeded");
    assertThat(events.get(0).data()).isEqualTo("{\"amount\":100}");
    assertThat(events.get(0).publisherId()).isEqualTo("evt_1");
    assertThat(source.stats().received()).isEqualTo(1);
    assertThat(source.stats().invalid()).isZero();
  }

  @Test
  void aWrongSecretAndAMissingSignatureAreRefusedAndCounted() throws Exception {
    startEngine();

    WebhookResult wrong = result(send("stripe", stripe(1_700_000_000, "guess", BODY), BODY));
    WebhookResult missing = result(send("stripe", Map.of(), BODY));

    assertThat(wrong.status()).isEqualTo(Status.BAD_SIGNATURE);
    assertThat(wrong.status().httpStatus()).isEqualTo(401);
    assertThat(missing.detail()).isEqualTo("signature: no header Stripe-Signature");
    assertThat(source.stats().invalid()).isEqualTo(2);
    assertThat(engine.journal().newestPosition()).isZero();
  }

  @Test
  void aRequestThatIsSentAgainAsItIsIsRefused() throws Exception {
    startEngine();
    Map<String, String> headers = stripe(1_700_000_000, "whsec_2", BODY);

    assertThat(result(send("stripe", headers, BODY)).status()).isEqualTo(Status.ACCEPTED);
    now = now.plusSeconds(299);
    assertThat(result(send("stripe", headers, BODY)))
        .isEqualTo(WebhookResult.of(Status.BAD_SIGNATURE, "signature: this request came before"));
    now = now.plusSeconds(2);
    assertThat(result(send("stripe", headers, BODY)).detail()).contains("signed 301 s ago");
    assertThat(result(send("stripe", stripe(1_700_000_301, "whsec_2", BODY), BODY)).status())
        .as("Stripe's own second try has a new time")
        .isEqualTo(Status.ACCEPTED);
  }

  @Test
  void aRequestThatTheJournalDidNotTakeMayBeSentAgain() throws Exception {
    startEngine();
    Map<String, String> headers = stripe(1_700_000_000, "whsec_1", BODY);

    journal.refuse(1, Refusal.JOURNAL_FAILED);
    assertThat(result(send("stripe", headers, BODY)).status()).isEqualTo(Status.JOURNAL_FAILED);
    assertThat(result(send("stripe", headers, BODY)).status()).isEqualTo(Status.ACCEPTED);
    assertThat(engine.journal().newestPosition()).isEqualTo(1);
  }

  @Test
  void aFullRingIsSaidAtOnce() throws Exception {
    journal.setStuck(true);
    startEngine(EngineOptions.DEFAULTS.toBuilder().ringSize(4).build());

    WebhookResult full = null;
    for (int i = 0; i < 16 && full == null; i++) {
      CompletableFuture<WebhookResult> answer = send("open", Map.of(), "{\"channel\":\"a\"}");
      full = answer.isDone() ? result(answer) : null;
    }

    assertThat(full).isNotNull();
    assertThat(full.status()).isEqualTo(Status.BACK_PRESSURED);
    assertThat(full.status().httpStatus()).isEqualTo(503);
    assertThat(source.stats().waits()).isEqualTo(1);
    assertThat(source.stats().invalid()).isZero();
  }

  @Test
  void badJsonAMissingPointerAndTooMuchDataAreToldApart() throws Exception {
    startEngine(EngineOptions.DEFAULTS.toBuilder().maxPayloadBytes(64).build());

    assertThat(result(send("open", Map.of(), "{\"channel\"")).status())
        .isEqualTo(Status.BAD_REQUEST);
    assertThat(result(send("open", Map.of(), "{\"chanel\":\"a\"}")))
        .isEqualTo(
            WebhookResult.of(Status.BAD_REQUEST, "channel: the body has no value at /channel"));
    String large = "{\"channel\":\"a\",\"text\":\"" + "x".repeat(64) + "\"}";
    WebhookResult tooLarge = result(send("open", Map.of(), large));
    assertThat(tooLarge.status()).isEqualTo(Status.TOO_LARGE);
    assertThat(tooLarge.detail()).isEqualTo("data: 89 bytes (expected: at most 64)");
    assertThat(source.stats().invalid()).isEqualTo(3);
    assertThat(source.stats().received()).isEqualTo(3);
  }

  @Test
  void anUnknownNameAndAClosedEngineAreToldApart() throws Exception {
    assertThat(source.health().up()).isFalse();
    assertThat(result(send("open", Map.of(), "{}")).status()).isEqualTo(Status.CLOSED);
    startEngine();
    assertThat(source.health().up()).isTrue();
    assertThat(result(send("other", Map.of(), "{}")).status()).isEqualTo(Status.UNKNOWN_NAME);
    engine.close();
    assertThat(result(send("open", Map.of(), "{}")).status()).isEqualTo(Status.CLOSED);
    assertThat(source.routeNames()).containsExactly("open", "stripe");
  }

  @Test
  void fiftyThousandRequestsKeepTheirOrder() throws Exception {
    startEngine();
    List<String> data = new java.util.ArrayList<>(50_000);
    CountDownLatch all = new CountDownLatch(50_000);
    engine.subscribe(
        List.of("a"),
        null,
        event -> {
          data.add(event.data());
          all.countDown();
          return true;
        });

    for (int i = 0; i < 50_000; i++) {
      String body = "{\"channel\":\"a\",\"n\":" + i + "}";
      while (true) {
        CompletableFuture<WebhookResult> answer = send("open", Map.of(), body);
        if (!answer.isDone() || result(answer).status() == Status.ACCEPTED) {
          break;
        }
        assertThat(result(answer).status()).isEqualTo(Status.BACK_PRESSURED);
        Thread.onSpinWait();
      }
    }

    assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
    for (int i = 0; i < 50_000; i++) {
      assertThat(data.get(i)).isEqualTo("{\"channel\":\"a\",\"n\":" + i + "}");
    }
  }

  @Test
  void twoRoutesOfOneNameAreAMistake() {
    WebhookRoute route =
        WebhookRoute.builder("a").broadcast().signature(WebhookSignature.none()).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WebhookSource(List.of(route, route)))
        .withMessage("routes: two named \"a\" (expected: one)");
    assertThatIllegalArgumentException().isThrownBy(() -> new WebhookSource(List.of()));
  }

  @Test
  void theReplayGuardIsBounded() {
    ReplayGuard guard = new ReplayGuard(2);
    assertThat(guard.note("a", 10, 0)).isTrue();
    assertThat(guard.note("b", 10, 0)).isTrue();
    assertThat(guard.note("b", 10, 10)).isFalse();
    assertThat(guard.note("c", 10, 0)).as("makes room by forgetting the oldest").isTrue();
    assertThat(guard.note("a", 10, 0)).isTrue();
    assertThat(guard.note("c", 20, 11)).as("out of tolerance: forgotten").isTrue();
  }
}
