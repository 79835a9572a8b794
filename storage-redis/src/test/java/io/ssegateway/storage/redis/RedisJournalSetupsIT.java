package io.ssegateway.storage.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.redis.client.RedisConnectionOptions;
import io.ssegateway.redis.client.testing.Certificate;
import io.ssegateway.redis.client.testing.RedisCluster;
import io.ssegateway.redis.client.testing.RedisProcess;
import io.ssegateway.redis.client.testing.RedisSentinel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The history in a cluster, behind sentinels, and behind TLS and a user with few rights. */
class RedisJournalSetupsIT {
  private static final int COUNT = 3_000;

  @TempDir Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Outcomes outcomes = new Outcomes();

  @BeforeAll
  static void patience() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
    Awaitility.setDefaultPollInterval(Duration.ofMillis(10));
  }

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  /** A node that has little in memory, so that a client that comes back is read to from Redis. */
  private Engine node(RedisConnectionOptions.Builder connection) {
    RedisJournalOptions options =
        RedisJournalOptions.builder(connection.backOffMs(10, 200).timeoutMs(2_000).build())
            .commitTimeoutMs(20_000)
            .tailBytes(20_000)
            .build();
    Engine engine = Engine.builder().journal(RedisJournal.open(options)).build();
    open.add(engine);
    engine.start();
    return engine;
  }

  private void publish(Engine engine, int from, int to) throws InterruptedException {
    for (int i = from; i < to; i++) {
      assertThat(engine.publisher().publishOrWait(Message.of("a", Integer.toString(i)), outcomes))
          .isEqualTo(PublishResult.PUBLISHED);
    }
  }

  private static List<String> numbers(int to) {
    return IntStream.range(0, to).mapToObj(Integer::toString).toList();
  }

  @Test
  void inAClusterANodeOfItIsKilledAndNothingThatWasAcknowledgedIsLost() throws Exception {
    RedisCluster cluster = RedisCluster.start(directory);
    open.add(cluster);
    Engine first = node(RedisConnectionOptions.builder(cluster.uris()).cluster(true));
    Engine second = node(RedisConnectionOptions.builder(cluster.uris()).cluster(true));
    String start = first.eventId(first.journal().newestPosition());
    NodeClient here = NodeClient.on(first, "a");
    NodeClient there = NodeClient.on(second, "a");
    RedisProcess history = cluster.nodeOf("{sse-gateway}:order");

    publish(first, 0, COUNT / 3);
    await().until(() -> outcomes.journalled.get() > COUNT / 6);
    history.kill();
    await().until(() -> !first.troubles().isEmpty() && !second.troubles().isEmpty());
    history.startAgain();
    publish(first, COUNT / 3, COUNT);

    await().until(() -> outcomes.journalled.get() == COUNT);
    await().until(() -> here.count() >= COUNT && there.count() >= COUNT);
    assertThat(outcomes.refused).hasValue(0);
    assertThat(here.data()).isEqualTo(numbers(COUNT));
    assertThat(there.events()).isEqualTo(here.events());
    NodeClient late = new NodeClient("a").startAfter(start).goTo(second);
    await().until(() -> late.goBackTo(second).count() == COUNT);
    assertThat(late.events()).isEqualTo(here.events());
    assertThat(Stream.of(here, there, late)).allMatch(client -> client.gaps().isEmpty());
    await().until(() -> first.troubles().isEmpty() && second.troubles().isEmpty());
  }

  @Test
  void nodesFollowTheirSentinelsToTheNextMasterWithoutGapOrDouble() throws Exception {
    RedisSentinel setup = RedisSentinel.start(directory);
    open.add(setup);
    Engine first = node(RedisConnectionOptions.builder(List.of(setup.uri())));
    Engine second = node(RedisConnectionOptions.builder(List.of(setup.uri())));
    String start = first.eventId(first.journal().newestPosition());
    String epoch = first.journal().epoch();
    NodeClient here = NodeClient.on(first, "a");
    NodeClient there = NodeClient.on(second, "a");
    publish(first, 0, COUNT / 2);
    await().until(() -> outcomes.journalled.get() == COUNT / 2);
    try (RedisClient client = RedisClient.create(RedisURI.create(setup.master().uri()))) {
      // what the replica has not got when the master goes is lost: that is what Redis promises
      await().until(() -> client.connect().sync().waitForReplication(1, 1_000) == 1);
    }

    setup.master().kill();
    await().until(() -> !first.troubles().isEmpty() && !second.troubles().isEmpty());
    publish(second, COUNT / 2, COUNT); // as soon as there is a master again

    await().until(() -> outcomes.journalled.get() == COUNT);
    await().until(() -> here.count() >= COUNT && there.count() >= COUNT);
    assertThat(outcomes.refused).hasValue(0);
    assertThat(here.data()).isEqualTo(numbers(COUNT));
    assertThat(there.events()).isEqualTo(here.events());
    NodeClient late = new NodeClient("a").startAfter(start).goTo(first);
    // the old master's last connections may still go, and a replay with them
    await().until(() -> late.goBackTo(first).count() == COUNT);
    assertThat(late.events()).isEqualTo(here.events());
    assertThat(Stream.of(here, there, late)).allMatch(client -> client.gaps().isEmpty());
    assertThat(second.journal().epoch()).isEqualTo(epoch);
  }

  @Test
  void anEncryptedRedisAndAUserWithTheRightsOfTheManualAreEnough() throws Exception {
    Certificate own = Certificate.make(directory);
    Path acl = directory.resolve("users.acl");
    Files.writeString(
        acl,
        """
        user default off
        user gateway on >s3cret ~{sse-gateway}:* resetchannels -@all +@stream +@hash +@string +@list \
        +@scripting +del +exists +pexpire +time +ping +hello +client +memory|usage
        """);
    int port = RedisProcess.freePort();
    open.add(
        RedisProcess.start(
            directory,
            port,
            Stream.concat(
                    Arrays.stream(own.serverArguments(port)),
                    Stream.of("--aclfile", acl.toString()))
                .toArray(String[]::new)));
    Engine engine =
        node(
            RedisConnectionOptions.builder(List.of("rediss://gateway:s3cret@127.0.0.1:" + port))
                .caCertificates(own.certificate())
                .clientCertificate(own.certificate(), own.key()));
    String start = engine.eventId(engine.journal().newestPosition());
    NodeClient here = NodeClient.on(engine, "a");

    publish(engine, 0, COUNT);

    await().until(() -> here.count() == COUNT);
    NodeClient late = new NodeClient("a").startAfter(start).goTo(engine);
    await().until(() -> late.count() == COUNT);
    assertThat(late.events()).isEqualTo(here.events());
    assertThat(outcomes.refused).hasValue(0);
    assertThat(engine.troubles()).isEmpty();
  }
}
