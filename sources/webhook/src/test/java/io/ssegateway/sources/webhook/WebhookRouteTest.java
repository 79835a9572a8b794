package io.ssegateway.sources.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WebhookRouteTest {
  private static final String PUSH =
      """
      {
        "ref": "refs/heads/main",
        "repository": { "id": 1296269, "full_name": "octocat/Hello-World", "private": false },
        "commits": [ { "id": "a1", "message": "tab\\t \\"quoted { \\" text" }, { "id": "b2" } ],
        "price": 1.10, "big": 12345678901234567890, "nothing": null
      }
      """;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static WebhookRoute.Builder route() {
    return WebhookRoute.builder("test").signature(WebhookSignature.none());
  }

  private static Message map(WebhookRoute.Builder route, String body) throws Exception {
    Map<String, String> headers = Map.of("X-GitHub-Event", "push", "X-GitHub-Delivery", "72d3162e");
    return route.build().message(headers::get, bytes(body));
  }

  @Test
  void gitHubsPushGoesToItsRepositorysChannel() throws Exception {
    Message message = map(WebhookRoute.github("gh", List.of("secret")), PUSH);

    assertThat(message.channel()).isEqualTo("github.octocat/Hello-World");
    assertThat(message.type()).isEqualTo("push");
    assertThat(message.id()).isEqualTo("72d3162e");
    assertThat(message.data())
        .isEqualTo(
            "{\"ref\":\"refs/heads/main\",\"repository\":{\"id\":1296269,"
                + "\"full_name\":\"octocat/Hello-World\",\"private\":false},"
                + "\"commits\":[{\"id\":\"a1\",\"message\":\"tab\\t \\\"quoted { \\\" text\"},"
                + "{\"id\":\"b2\"}],\"price\":1.10,\"big\":12345678901234567890,\"nothing\":null}");
  }

  @Test
  void stripesObjectGoesOutWithItsTypeAndId() throws Exception {
    Message message =
        map(
            WebhookRoute.stripe("st", List.of("secret")),
            "{\"id\":\"evt_1\",\"type\":\"charge.succeeded\","
                + "\"data\":{\"object\":{\"id\":\"ch_1\", \"amount\": 100}}}");

    assertThat(message.channel()).isEqualTo("stripe");
    assertThat(message.type()).isEqualTo("charge.succeeded");
    assertThat(message.id()).isEqualTo("evt_1");
    assertThat(message.data()).isEqualTo("{\"id\":\"ch_1\",\"amount\":100}");
  }

  @Test
  void pointersReachIntoArraysNumbersAndBooleansAndEachOthersValues() throws Exception {
    Message message =
        map(
            route()
                .channel("{/repository/id}-{/commits/1/id}-{/repository/private}-{/price}")
                .id("{{{/big}}}")
                .data("/repository"),
            PUSH);

    assertThat(message.channel()).isEqualTo("1296269-b2-false-1.10");
    assertThat(message.id()).isEqualTo("{12345678901234567890}");
    assertThat(message.data())
        .isEqualTo("{\"id\":1296269,\"full_name\":\"octocat/Hello-World\",\"private\":false}");
    assertThat(message.type()).isEqualTo("message");
  }

  @Test
  void aStringAsDataGoesAsItIs() throws Exception {
    assertThat(map(route().broadcast().data("/ref"), PUSH).data()).isEqualTo("refs/heads/main");
    assertThat(map(route().broadcast(), " \"whole\" ").data()).isEqualTo("whole");
    assertThat(map(route().broadcast(), "null").data()).isEqualTo("null");
    assertThat(map(route().broadcast(), PUSH).channel()).isNull();
  }

  @Test
  void aPointerFollowsTheEscapesOfItsStandard() throws Exception {
    String body = "{\"a/b\":{\"c~d\":\"found\"},\"\":\"empty key\"}";

    assertThat(map(route().channel("{/a~1b/c~0d}"), body).channel()).isEqualTo("found");
    assertThat(map(route().broadcast().data("/"), body).data()).isEqualTo("empty key");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(() -> map(route().channel("x.{/repository/owner}"), PUSH))
        .hasMessage("channel: the body has no value at /repository/owner");
    assertThatThrownBy(() -> map(route().channel("{/nothing}"), PUSH))
        .hasMessage("channel: the body has no value at /nothing");
    assertThatThrownBy(() -> map(route().channel("{/commits}"), PUSH))
        .hasMessage(
            "channel: not a string, number or boolean at /commits (expected: one of these)");
    assertThatThrownBy(() -> map(route().broadcast().eventType("{header:X-Other}"), PUSH))
        .hasMessage("event_type: no header X-Other");
    assertThatThrownBy(() -> map(route().broadcast().data("/commits/2"), PUSH))
        .hasMessage("data: the body has no value at /commits/2");
  }

  @Test
  void aValueThatCannotBeAChannelOrATypeIsRefused() {
    assertThatThrownBy(() -> map(route().channel("{/c}"), "{\"c\":\"a\\nb\"}"))
        .hasMessage("channel: control character U+000A at index 1");
    assertThatThrownBy(() -> map(route().broadcast().eventType("{/c}"), "{\"c\":\"a\\nb\"}"))
        .hasMessageContaining("event_type: U+000A at index 1");
  }

  @Test
  void aBodyThatIsNotOneJsonValueIsRefused() {
    for (String body :
        List.of("", "   ", "{", "{\"a\":1}}", "{\"a\":1} 2", "payload=%7B%7D", "[1")) {
      assertThatThrownBy(() -> map(route().broadcast().data("/a"), body))
          .as(body)
          .isInstanceOf(BadWebhookException.class)
          .hasMessageStartingWith("body: ");
    }
  }

  @Test
  void aBodyThatIsNoUtf8IsRefused() {
    byte[] latin1 = "{\"a\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);
    WebhookRoute route = route().broadcast().build();

    assertThatThrownBy(() -> route.message(name -> null, latin1))
        .isInstanceOf(BadWebhookException.class);
  }

  @Test
  void aWrongOptionIsNamedWithItsValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> route().channel("a{/b").build())
        .withMessage("channel: \"a{/b\": { at index 1 is not closed");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> route().channel("a}").build())
        .withMessageContaining("} at index 1 closes nothing");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> route().channel("{name}").build())
        .withMessageContaining("{name} (expected: {/a/json/pointer} or {header:Name})");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> route().broadcast().data("payload").build())
        .withMessageContaining("data: \"payload\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> route().build())
        .withMessageContaining("channel: none");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                WebhookRoute.builder("a/b").broadcast().signature(WebhookSignature.none()).build())
        .withMessageContaining("name: \"a/b\"");
  }
}
