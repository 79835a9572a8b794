package io.ssegateway.sources.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WebhookSignatureTest {
  private static final long NOW_MS = 1_700_000_100_000L;
  private static final String STRIPE_BODY = "{\"id\":\"evt_1\",\"object\":\"event\"}";

  /** {@code printf '1700000000.<body>' | openssl dgst -sha256 -hmac whsec_test_secret}. */
  private static final String STRIPE_V1 =
      "0c8670ed117751cc551a20e35839447075c42800ea3cf3e8a2fbda99cd1e6edd";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void verify(
      WebhookSignature signature, String header, String value, String body, long nowMs)
      throws BadWebhookException {
    signature.verify(Map.of(header, value)::get, bytes(body), nowMs);
  }

  /** The values that GitHub's documentation gives to test an implementation with. */
  @Test
  void gitHubsDocumentedExampleIsGood() throws Exception {
    WebhookSignature signature = WebhookSignature.github(List.of("It's a Secret to Everybody"));
    String value = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    verify(signature, "X-Hub-Signature-256", value, "Hello, World!", 0);

    assertThatThrownBy(
            () -> verify(signature, "X-Hub-Signature-256", value, "Hello, World?", NOW_MS))
        .isInstanceOf(BadWebhookException.class)
        .hasMessage("signature: X-Hub-Signature-256 does not match the body");
  }

  @Test
  void aStripeSignatureIsGoodWithinItsTolerance() throws Exception {
    WebhookSignature signature = stripe("whsec_test_secret");
    String value = "t=1700000000,v1=" + STRIPE_V1 + ",v0=00";

    verify(signature, "Stripe-Signature", value, STRIPE_BODY, NOW_MS);
    verify(signature, "Stripe-Signature", value, STRIPE_BODY, 1_700_000_300_000L);
    verify(signature, "Stripe-Signature", value, STRIPE_BODY, 1_699_999_700_000L);
  }

  @Test
  void aStripeSignatureOutOfToleranceIsRefused() {
    WebhookSignature signature = stripe("whsec_test_secret");
    String value = "t=1700000000,v1=" + STRIPE_V1;

    assertThatThrownBy(
            () -> verify(signature, "Stripe-Signature", value, STRIPE_BODY, 1_700_000_301_000L))
        .hasMessage("signature: signed 301 s ago (expected: at most 300 s ago)");
    assertThatThrownBy(
            () -> verify(signature, "Stripe-Signature", value, STRIPE_BODY, 1_699_999_699_000L))
        .hasMessageContaining("signed -301 s ago");
  }

  @Test
  void aStripeTimestampIsPartOfWhatIsSigned() {
    assertThatThrownBy(
            () ->
                verify(
                    stripe("whsec_test_secret"),
                    "Stripe-Signature",
                    "t=1700000050,v1=" + STRIPE_V1,
                    STRIPE_BODY,
                    NOW_MS))
        .hasMessage("signature: Stripe-Signature does not match the body");
  }

  @Test
  void eachOfSeveralStripeSignaturesAndSecretsIsTried() throws Exception {
    WebhookSignature rotated = stripe("whsec_new", "whsec_test_secret");
    String value = "t=1700000000,v1=" + "00".repeat(32) + ",v1=" + STRIPE_V1;

    verify(rotated, "Stripe-Signature", value, STRIPE_BODY, NOW_MS);

    assertThatThrownBy(
            () -> verify(stripe("whsec_new"), "Stripe-Signature", value, STRIPE_BODY, NOW_MS))
        .isInstanceOf(BadWebhookException.class);
  }

  @Test
  void aMalformedStripeHeaderIsRefused() {
    WebhookSignature signature = stripe("whsec_test_secret");
    for (String value :
        List.of(
            "t=1700000000",
            "v1=" + STRIPE_V1,
            "t=soon,v1=" + STRIPE_V1,
            "t=-1,v1=" + STRIPE_V1,
            "t=99999999999999999999,v1=" + STRIPE_V1,
            "t=1700000000,v1=zz",
            ",,,=")) {
      assertThatThrownBy(() -> verify(signature, "Stripe-Signature", value, STRIPE_BODY, NOW_MS))
          .as(value)
          .isInstanceOf(BadWebhookException.class);
    }
  }

  @Test
  void aGenericSignatureMayBeHexOrBase64() throws Exception {
    WebhookSignature hex =
        WebhookSignature.hmacSha256(
            "X-Sig", "", WebhookSignature.Encoding.HEX, List.of("It's a Secret to Everybody"));
    WebhookSignature base64 =
        WebhookSignature.hmacSha256(
            "X-Sig",
            "v1:",
            WebhookSignature.Encoding.BASE64,
            List.of("It's a Secret to Everybody"));

    verify(
        hex,
        "X-Sig",
        "757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17",
        "Hello, World!",
        0);
    verify(base64, "X-Sig", "v1:dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc=", "Hello, World!", 0);

    assertThatThrownBy(() -> verify(base64, "X-Sig", "v1:!!", "Hello, World!", 0))
        .hasMessage("signature: X-Sig is not BASE64");
    assertThatThrownBy(() -> verify(base64, "X-Sig", "dXEH", "Hello, World!", 0))
        .hasMessage("signature: X-Sig does not begin with \"v1:\"");
  }

  @Test
  void aMissingSignatureIsRefusedUnlessNoneIsAskedFor() {
    assertThatThrownBy(
            () -> WebhookSignature.github(List.of("s")).verify(name -> null, bytes("{}"), NOW_MS))
        .hasMessage("signature: no header X-Hub-Signature-256");
    assertThatCode(() -> WebhookSignature.none().verify(name -> null, bytes("{}"), NOW_MS))
        .doesNotThrowAnyException();
  }

  @Test
  void anEmptySecretIsAMistakeAndNoSecretIsShown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WebhookSignature.github(List.of()))
        .withMessage("secrets: none (expected: at least one)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WebhookSignature.github(List.of("a", "")))
        .withMessage("secrets: an empty one (expected: not empty)");
    assertThat(WebhookSignature.github(List.of("hunter2")).toString()).doesNotContain("hunter2");
  }

  private static WebhookSignature stripe(String... secrets) {
    return WebhookSignature.stripe(Duration.ofMinutes(5), List.of(secrets));
  }
}
