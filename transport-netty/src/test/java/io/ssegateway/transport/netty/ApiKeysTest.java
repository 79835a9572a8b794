package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApiKeysTest {

  private static Authentication ask(ApiKeys keys, String token) {
    DefaultHttpHeaders headers = new DefaultHttpHeaders();
    if (token != null) {
      headers.add("Authorization", "bearer " + token);
    }
    return keys.authenticate(
            new AuthenticationRequest(
                "GET", "/", headers, Map.of(), List.of(), null, AuthOptions.DEFAULTS))
        .toCompletableFuture()
        .getNow(null);
  }

  private static ApiKey key(String name, String key, Role... roles) {
    return new ApiKey(
        name, ApiKeys.sha256(key), ChannelPatterns.NONE, ChannelPatterns.of("a.*"), Set.of(roles));
  }

  @Test
  void aKeyIsKnownByItsHash() {
    String shop = ApiKeys.generate();
    String probe = ApiKeys.generate();
    ApiKeys keys = new ApiKeys(List.of(key("shop", shop), key("probe", probe, Role.STATS)));

    Grant grant = ((Authentication.Granted) ask(keys, probe)).grant();

    assertThat(grant.subject()).isEqualTo("probe");
    assertThat(grant.has(Role.STATS)).isTrue();
    assertThat(((Authentication.Granted) ask(keys, shop)).grant().has(Role.STATS)).isFalse();
    for (String wrong : List.of(shop + "x", shop.substring(1), "sgk_", ApiKeys.sha256(shop))) {
      assertThat(ask(keys, wrong)).isInstanceOf(Authentication.Refused.class);
    }
  }

  @Test
  void otherKindsOfCredentialsAreForOthers() {
    ApiKeys keys = new ApiKeys(List.of());

    assertThat(ask(keys, null)).isEqualTo(Authentication.absent());
    assertThat(ask(keys, "header.payload.signature")).isEqualTo(Authentication.absent());
  }

  @Test
  void aGeneratedKeyHas256BitsAndNoOtherIsLikeIt() {
    assertThat(ApiKeys.generate()).matches("sgk_[0-9A-Za-z_-]{43}");
    assertThat(ApiKeys.generate()).isNotEqualTo(ApiKeys.generate());
    assertThat(ApiKeys.sha256("abc"))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void aKeyInPlaceOfItsHashIsRefusedWithoutShowingIt() {
    String key = ApiKeys.generate();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new ApiKey("shop", key, ChannelPatterns.NONE, ChannelPatterns.ALL, Set.of()))
        .withMessageContaining("API key shop")
        .withMessageNotContaining(key);
  }
}
