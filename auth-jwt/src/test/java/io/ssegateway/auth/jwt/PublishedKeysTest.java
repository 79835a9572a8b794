package io.ssegateway.auth.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When published keys are fetched, and what is known while they are; on a clock of the test's. */
class PublishedKeysTest {
  private static final long MS = 1_000_000;
  private static final int CACHE_MS = 300_000;
  private static final int REFETCH_MS = 10_000;
  private static final int OUTAGE_MS = 3_600_000;

  private final List<CompletableFuture<String>> fetches = new ArrayList<>();
  private long nowNs = Long.MAX_VALUE - 50 * MS; // overflows soon, as System.nanoTime may
  private PublishedKeys keys;

  @BeforeEach
  void begin() {
    JwtOptions options =
        JwtOptions.builder()
            .jwks(URI.create("https://keys.example/jwks"))
            .jwksTimes(CACHE_MS, REFETCH_MS, OUTAGE_MS)
            .build();
    keys =
        new PublishedKeys(
            options,
            () -> {
              CompletableFuture<String> fetch = new CompletableFuture<>();
              fetches.add(fetch);
              return fetch;
            },
            "https://keys.example/jwks",
            () -> nowNs);
  }

  private static String published(String... ids) {
    List<JWK> all =
        Arrays.stream(ids)
            .map(
                id ->
                    (JWK)
                        new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(new byte[32]))
                            .keyID(id)
                            .build())
            .toList();
    return new JWKSet(all).toString();
  }

  /** The ids of the keys found; "waiting", or "unavailable". */
  private static String ids(CompletionStage<List<JWK>> found) {
    CompletableFuture<List<JWK>> future = found.toCompletableFuture();
    if (!future.isDone()) {
      return "waiting";
    }
    return future.isCompletedExceptionally()
        ? "unavailable"
        : future.join().stream().map(JWK::getKeyID).toList().toString();
  }

  private CompletionStage<List<JWK>> ask(String id) {
    return keys.keysFor(new JWSHeader.Builder(JWSAlgorithm.EdDSA).keyID(id).build());
  }

  private void pass(long ms) {
    nowNs += ms * MS;
  }

  private void fetched(String... ids) {
    ask(ids[0]);
    fetches.get(fetches.size() - 1).complete(published(ids));
  }

  @Test
  void allWhoAskBeforeTheFirstFetchHasEndedWaitForIt() {
    CompletionStage<List<JWK>> one = ask("1");
    CompletionStage<List<JWK>> two = ask("2");
    assertThat(ids(one)).isEqualTo("waiting");
    assertThat(fetches).hasSize(1);
    fetches.get(0).complete(published("1"));
    assertThat(ids(one)).isEqualTo("[1]");
    assertThat(ids(two)).isEqualTo("[]");
  }

  @Test
  void anOldSetIsUsedWhileANewOneIsFetched() {
    fetched("1");
    pass(CACHE_MS);
    assertThat(ids(ask("1"))).isEqualTo("[1]");
    assertThat(fetches).hasSize(1);
    pass(1);
    assertThat(ids(ask("1"))).isEqualTo("[1]");
    assertThat(ids(ask("1"))).as("the server is slow").isEqualTo("[1]");
    assertThat(fetches).hasSize(2);
    fetches.get(1).complete(published("2"));
    assertThat(ids(ask("2"))).isEqualTo("[2]");
    assertThat(ids(ask("1"))).as("withdrawn").isEqualTo("[]");
    assertThat(fetches).hasSize(2);
  }

  @Test
  void anUnknownKeyMakesTheSetBeFetchedButNotOften() {
    fetched("1");
    pass(REFETCH_MS);
    CompletionStage<List<JWK>> rotated = ask("2");
    assertThat(ids(rotated)).isEqualTo("waiting");
    assertThat(ids(ask("1"))).as("a known key waits for nothing").isEqualTo("[1]");
    fetches.get(1).complete(published("1", "2"));
    assertThat(ids(rotated)).isEqualTo("[2]");
    for (int i = 0; i < 100; i++) {
      assertThat(ids(ask("made-up-" + i))).isEqualTo("[]");
    }
    assertThat(fetches).hasSize(2);
    pass(REFETCH_MS);
    assertThat(ids(ask("made-up"))).isEqualTo("waiting");
    assertThat(fetches).hasSize(3);
  }

  @Test
  void theLastSetIsUsedInAnOutageAndNotForEver() {
    fetched("1");
    pass(CACHE_MS + 1);
    ask("1");
    fetches.get(1).completeExceptionally(new IllegalStateException("status 500"));
    assertThat(ids(ask("1"))).isEqualTo("[1]");
    assertThat(fetches).as("a moment after a failure").hasSize(2);
    pass(1000);
    assertThat(ids(ask("1"))).isEqualTo("[1]");
    assertThat(fetches).hasSize(3);
    fetches.get(2).complete("no JSON");
    pass(OUTAGE_MS);
    CompletionStage<List<JWK>> late = ask("1");
    assertThat(ids(late)).isEqualTo("waiting");
    fetches.get(3).completeExceptionally(new IllegalStateException("status 500"));
    assertThat(ids(late)).isEqualTo("unavailable");
    assertThat(ids(ask("1"))).isEqualTo("unavailable");
    assertThat(fetches).hasSize(4);
    pass(1000);
    fetched("1");
    assertThat(ids(ask("1"))).isEqualTo("[1]");
  }
}
