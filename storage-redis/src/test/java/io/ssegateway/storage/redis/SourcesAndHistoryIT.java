package io.ssegateway.storage.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.ssegateway.engine.Engine;
import io.ssegateway.redis.client.RedisConnectionOptions;
import io.ssegateway.redis.client.testing.RedisProcess;
import io.ssegateway.sources.redis.RedisPubSubOptions;
import io.ssegateway.sources.redis.RedisPubSubSource;
import io.ssegateway.sources.redis.RedisStreamsOptions;
import io.ssegateway.sources.redis.RedisStreamsSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes that receive the same messages of one Redis, and keep their history there. */
class SourcesAndHistoryIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int ROUNDS = 1_000;

  @TempDir Path directory;

  private static Engine node(RedisProcess redis) {
    RedisConnectionOptions connection =
        RedisConnectionOptions.builder(List.of(redis.uri())).backOffMs(10, 200).build();
    Engine engine =
        Engine.builder()
            .journal(RedisJournal.open(RedisJournalOptions.of(connection)))
            .source(new RedisPubSubSource(RedisPubSubOptions.of(connection)))
            .source(
                new RedisStreamsSource(
                    RedisStreamsOptions.builder(
                            connection, List.of(new RedisStreamsOptions.Stream("orders", "a")))
                        .build()))
            .build();
    engine.start();
    await().atMost(PATIENCE).until(() -> engine.troubles().isEmpty());
    return engine;
  }

  @Test
  void whatBothNodesReceiveIsStoredOnceAlsoWhenOneOfThemGoes() {
    try (RedisProcess redis = RedisProcess.start(directory);
        RedisClient client = RedisClient.create(RedisURI.create(redis.uri()));
        Engine second = node(redis)) {
      Engine first = node(redis);
      RedisCommands<String, String> commands = client.connect().sync();
      NodeClient mover = NodeClient.on(first, "a");
      NodeClient steady = NodeClient.on(second, "a");
      List<String> published = new ArrayList<>();
      List<String> added = new ArrayList<>();
      for (int i = 0; i < ROUNDS; i++) {
        if (i == ROUNDS / 2) {
          await().atMost(PATIENCE).until(() -> mover.count() > ROUNDS / 10);
          mover.goTo(second);
          first.close();
        }
        String message = "p" + i / 3; // each thrice
        commands.publish("sse:a", message);
        published.add(message);
        commands.xadd("orders", Map.of("data", "s" + i));
        added.add("s" + i);
      }
      commands.publish("sse:a", "{\"data\":\"end\",\"id\":\"1\"}");
      published.add("end");

      await()
          .atMost(PATIENCE)
          .until(() -> steady.count() >= published.size() + added.size() && mover.count() > 0);
      await().atMost(PATIENCE).until(() -> mover.count() >= steady.count());
      assertThat(steady.data().stream().filter(d -> !d.startsWith("s")).toList())
          .isEqualTo(published);
      assertThat(steady.data().stream().filter(d -> d.startsWith("s")).toList()).isEqualTo(added);
      assertThat(mover.events()).isEqualTo(steady.events());
      assertThat(mover.gaps()).isEmpty();
    }
  }
}
