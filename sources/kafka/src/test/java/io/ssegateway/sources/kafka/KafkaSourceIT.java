package io.ssegateway.sources.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ssegateway.engine.Engine;
import io.ssegateway.engine.EngineException;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.engine.ReceivedEvent;
import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.engine.testing.StagedJournal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

@org.junit.jupiter.api.Timeout(60)
class KafkaSourceIT {
  @TempDir static Path directory;
  private static KafkaBroker broker;
  private static KafkaProducer<byte[], byte[]> producer;

  private final StagedJournal journal = new StagedJournal();
  private String topic;
  private Engine engine;
  private KafkaSource source;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = new KafkaBroker(directory);
    broker.start();
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers(), "linger.ms", "5"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @AfterAll
  static void stopBroker() throws Exception {
    producer.close(Duration.ZERO);
    broker.close();
  }

  @BeforeEach
  void nameTopic(TestInfo test) {
    topic = test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void closeEngine() {
    journal.setStuck(false);
    if (engine != null) {
      engine.close();
    }
  }

  private KafkaSourceOptions.Builder options() {
    return KafkaSourceOptions.builder(broker.bootstrapServers())
        .topics(topic)
        .discoveryIntervalMs(200)
        .backoffMs(20, 200)
        .clientProperty("reconnect.backoff.max.ms", "200")
        .clientProperty("retry.backoff.max.ms", "200");
  }

  private void start(KafkaSourceOptions.Builder options) {
    start(options, EngineOptions.DEFAULTS);
  }

  private void start(KafkaSourceOptions.Builder options, EngineOptions engineOptions) {
    source = new KafkaSource(options.build());
    engine = Engine.builder().options(engineOptions).journal(journal).source(source).build();
    engine.start();
  }

  private void startAndAwaitUp(KafkaSourceOptions.Builder options) {
    start(options);
    awaitUp();
  }

  private void awaitUp() {
    patiently()
        .untilAsserted(
            () -> assertThat(source.health().up()).as(source.health().detail()).isTrue());
  }

  private static ConditionFactory patiently() {
    return await().pollInterval(Duration.ofMillis(20)).atMost(Duration.ofSeconds(40));
  }

  private void awaitEvents(int count) {
    patiently().until(() -> journal.size() >= count);
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  private Future<?> send(int partition, String key, String value) {
    return producer.send(new ProducerRecord<>(topic, partition, bytes(key), bytes(value)));
  }

  private void sendAll(int from, int to) throws Exception {
    List<Future<?>> sent = new ArrayList<>();
    for (int i = from; i < to; i++) {
      sent.add(send(0, "a", "n" + i));
    }
    producer.flush();
    for (Future<?> each : sent) {
      each.get(30, TimeUnit.SECONDS);
    }
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "n" + i).toList();
  }

  @Test
  void aRecordBecomesAnEventOfItsKeysChannel() throws Exception {
    broker.createTopic(topic, 1);
    startAndAwaitUp(options());
    List<ReceivedEvent> events = new CopyOnWriteArrayList<>();
    engine.subscribe(List.of("user1"), null, events::add);

    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, 0, bytes("user1"), bytes("grüße\nzwei"));
    record.headers().add("event_type", bytes("greeting")).add("id", bytes("p-1"));
    producer.send(record).get();
    send(0, null, "to everyone").get();

    patiently().until(() -> events.size() == 2);
    assertThat(events.get(0).channel()).isEqualTo("user1");
    assertThat(events.get(0).type()).isEqualTo("greeting");
    assertThat(events.get(0).data()).isEqualTo("grüße\nzwei");
    assertThat(events.get(0).publisherId()).isEqualTo("p-1");
    assertThat(events.get(1).channel()).isNull();
    assertThat(events.get(1).type()).isEqualTo("message");
    assertThat(journal.events().get(1).offset())
        .isEqualTo(new SourceOffset("kafka:" + topic + "-0", "1"));
    assertThat(source.stats().received()).isEqualTo(2);
    assertThat(source.stats().invalid()).isZero();
    patiently().until(() -> source.stats().lag() == 0);
  }

  @Test
  void aJsonValueIsAMessageAndAHeaderMayNameTheChannel() throws Exception {
    broker.createTopic(topic, 1);
    startAndAwaitUp(options().valueFormat(ValueFormat.JSON).channelHeader("ch").name("other"));

    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic, 0, bytes("key"), bytes("{\"event_type\":\"t\",\"data\":{\"a\": 1},\"id\":7}"));
    record.headers().add("ch", bytes("from-header"));
    producer.send(record).get();
    send(0, "key", "{\"channel_id\":\"own\",\"data\":\"text\"}").get();

    awaitEvents(2);
    assertThat(journal.events())
        .containsExactly(
            new StagedJournal.Event(
                "from-header",
                "t",
                "7",
                "{\"a\":1}",
                new SourceOffset("other:" + topic + "-0", "0")),
            new StagedJournal.Event(
                "own", "message", null, "text", new SourceOffset("other:" + topic + "-0", "1")));
  }

  @Test
  void malformedRecordsAreCountedAndStopNothing() throws Exception {
    broker.createTopic(topic, 1);
    start(
        options().channelRequired(true),
        EngineOptions.DEFAULTS.toBuilder().maxPayloadBytes(100).build());
    awaitUp();

    producer.send(new ProducerRecord<>(topic, 0, bytes("a"), new byte[] {(byte) 0xff})).get();
    producer.send(new ProducerRecord<>(topic, 0, new byte[] {(byte) 0xc3}, bytes("x"))).get();
    send(0, "a", null).get();
    send(0, null, "no channel").get();
    send(0, "", "empty channel").get();
    send(0, "a", "x".repeat(101)).get();
    ProducerRecord<byte[], byte[]> badType =
        new ProducerRecord<>(topic, 0, bytes("a"), bytes("data"));
    badType.headers().add("event_type", bytes("two\nlines"));
    producer.send(badType).get();
    send(0, "a", "good").get();

    awaitEvents(1);
    assertThat(journal.data()).containsExactly("good");
    assertThat(source.stats().received()).isEqualTo(8);
    assertThat(source.stats().invalid()).isEqualTo(7);
    assertThat(source.health().up()).isTrue();
  }

  @Test
  void malformedJsonIsCountedAndStopsNothing() throws Exception {
    broker.createTopic(topic, 1);
    startAndAwaitUp(options().valueFormat(ValueFormat.JSON));

    for (String bad : List.of("{", "[]", "plain", "{\"chanel_id\":\"a\",\"data\":1}", "{}")) {
      send(0, "a", bad).get();
    }
    producer.send(new ProducerRecord<>(topic, 0, new byte[0], bytes("{\"data\":1}"))).get();
    send(0, "a", "{\"data\":\"good\"}").get();

    awaitEvents(1);
    assertThat(journal.data()).containsExactly("good");
    assertThat(source.stats().invalid()).isEqualTo(6);
  }

  @Test
  void fiftyThousandRecordsArriveInOrder() throws Exception {
    broker.createTopic(topic, 1);
    startAndAwaitUp(options());

    sendAll(0, 50_000);

    awaitEvents(50_000);
    assertThat(journal.data()).isEqualTo(numbers(0, 50_000));
    patiently().until(() -> source.stats().lag() == 0);
  }

  @Test
  void aStuckFanOutPausesThePartitionsAndLosesNothing() throws Exception {
    broker.createTopic(topic, 1);
    start(options(), EngineOptions.DEFAULTS.toBuilder().ringSize(16).build());
    awaitUp();
    journal.setStuck(true);

    sendAll(0, 5_000);
    patiently().until(() -> source.stats().waits() > 0);
    patiently().until(() -> source.stats().lag() > 4_000);
    long received = source.stats().received();
    assertThat(received).as("what the ring has no room for stays at the broker").isLessThan(2_000);
    assertThat(journal.size()).isLessThan(16);
    assertThat(source.health().up()).as("it polls on while it waits").isTrue();
    journal.setStuck(false);

    awaitEvents(5_000);
    assertThat(journal.data()).isEqualTo(numbers(0, 5_000));
  }

  @Test
  void aRestartGoesOnWhereTheJournalEnds() throws Exception {
    broker.createTopic(topic, 2);
    startAndAwaitUp(options());
    int count = 6_000;
    Thread publisher =
        new Thread(
            () -> {
              for (int i = 0; i < count; i++) {
                send(i % 2, "p" + (i % 2), "n" + i);
                if (i % 200 == 0) {
                  producer.flush();
                }
              }
              producer.flush();
            });
    publisher.start();

    for (int stop = 1; stop <= 3; stop++) {
      awaitEvents(stop * 1_000);
      engine.close();
      start(options());
    }
    publisher.join();
    awaitEvents(count);

    IntFunction<List<String>> expected =
        p -> IntStream.range(0, count).filter(i -> i % 2 == p).mapToObj(i -> "n" + i).toList();
    for (int p = 0; p < 2; p++) {
      String channel = "p" + p;
      assertThat(journal.events().stream().filter(e -> e.channel().equals(channel)))
          .extracting(StagedJournal.Event::data)
          .isEqualTo(expected.apply(p));
    }
    assertThat(journal.size()).isEqualTo(count);
  }

  @Test
  void whatCameWhileItWasDownIsReadEvenIfNothingHadComeBefore() throws Exception {
    broker.createTopic(topic, 1);
    sendAll(0, 10);
    startAndAwaitUp(options());
    engine.close();

    sendAll(10, 20);
    startAndAwaitUp(options());

    awaitEvents(10);
    assertThat(journal.data()).isEqualTo(numbers(10, 20));
  }

  @Test
  void aBrokerThatIsKilledInTheMiddleOfAStreamCostsNothing() throws Exception {
    broker.createTopic(topic, 1);
    startAndAwaitUp(options());
    int count = 20_000;
    List<Future<?>> sent = new ArrayList<>();
    for (int i = 0; i < count / 2; i++) {
      sent.add(send(0, "a", "n" + i));
    }
    awaitEvents(1_000);

    broker.kill();
    patiently().until(() -> !source.health().up());
    assertThat(engine.troubles()).hasSize(1);
    broker.launch(); // first: a producer that has lost every broker waits for one in each send
    for (int i = count / 2; i < count; i++) {
      sent.add(send(0, "a", "n" + i));
    }
    broker.awaitReady();

    for (Future<?> each : sent) {
      each.get(60, TimeUnit.SECONDS);
    }
    awaitEvents(count);
    assertThat(journal.data()).isEqualTo(numbers(0, count));
    awaitUp();
    assertThat(source.stats().reconnects()).isPositive();
  }

  @Test
  void whatRetentionRemovedBeforeItWasReadIsCountedAsLost() throws Exception {
    broker.createTopic(topic, 1);
    startAndAwaitUp(options());
    sendAll(0, 10);
    awaitEvents(10);
    engine.close();
    sendAll(10, 30);
    try (Admin admin = broker.admin()) {
      admin
          .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(25)))
          .all()
          .get();
    }

    startAndAwaitUp(options());

    awaitEvents(15);
    assertThat(journal.data().subList(10, 15)).isEqualTo(numbers(25, 30));
    assertThat(source.stats().lost()).isEqualTo(15);
    sendAll(30, 31);
    awaitEvents(16);
  }

  @Test
  void aTopicThatIsMadeAnewIsReadFromItsBeginning() throws Exception {
    broker.createTopic(topic, 1);
    startAndAwaitUp(options());
    sendAll(0, 10);
    awaitEvents(10);

    try (Admin admin = broker.admin()) {
      admin.deleteTopics(List.of(topic)).all().get();
    }
    patiently().until(() -> source.health().detail().contains("does not exist"));
    broker.createTopic(topic, 1);
    awaitUp();
    patiently()
        .ignoreExceptions()
        .until(
            () -> {
              sendAll(10, 15);
              return true;
            });

    awaitEvents(15);
    assertThat(journal.data()).isEqualTo(numbers(0, 15));
  }

  @Test
  void newPartitionsAndTopicsAreReadFromTheirBeginning() throws Exception {
    broker.createTopic(topic + ".one", 1);
    startAndAwaitUp(options().topics().topicPattern(topic + "\\..*"));

    try (Admin admin = broker.admin()) {
      admin.createPartitions(Map.of(topic + ".one", NewPartitions.increaseTo(2))).all().get();
    }
    broker.createTopic(topic + ".two", 1);
    broker.createTopic(topic + "-not", 1);
    UnaryOperator<String> value = name -> "of " + name;
    for (String name : List.of(topic + ".two", topic + "-not")) {
      producer.send(new ProducerRecord<>(name, 0, bytes("a"), bytes(value.apply(name)))).get();
    }
    patiently().until(() -> producer.partitionsFor(topic + ".one").size() == 2 || refreshed());
    producer.send(new ProducerRecord<>(topic + ".one", 1, bytes("a"), bytes("new"))).get();

    awaitEvents(2);
    assertThat(journal.data()).containsExactlyInAnyOrder("of " + topic + ".two", "new");
  }

  /** A producer of its own knows the new partitions at once. */
  private static boolean refreshed() {
    producer.close();
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers(), "linger.ms", "5"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    return false;
  }

  @Test
  void theStartMayBeTheOldestRecordOrATime() throws Exception {
    broker.createTopic(topic, 1);
    long time = 1_700_000_000_000L;
    for (int i = 0; i < 10; i++) {
      producer
          .send(new ProducerRecord<>(topic, 0, time + i * 1000L, bytes("a"), bytes("n" + i)))
          .get();
    }

    startAndAwaitUp(
        options().start(StartPosition.at(Instant.ofEpochMilli(time + 6_500))).name("timed"));
    awaitEvents(3);
    assertThat(journal.data()).isEqualTo(numbers(7, 10));
    engine.close();

    startAndAwaitUp(options().start(StartPosition.EARLIEST).name("earliest"));
    awaitEvents(13);
    assertThat(journal.data().subList(3, 13)).isEqualTo(numbers(0, 10));
  }

  @Test
  void whatTheJournalRefusesForNowIsOfferedAgain() throws Exception {
    broker.createTopic(topic, 1);
    startAndAwaitUp(options());
    journal.refuse(20, Refusal.JOURNAL_FAILED);

    sendAll(0, 20);

    awaitEvents(20);
    assertThat(journal.data()).isEqualTo(numbers(0, 20));
  }

  @Test
  void tlsIsAMatterOfClientPropertiesAndAStrangersCertificateIsRefused() throws Exception {
    broker.createTopic(topic, 1);
    KafkaSourceOptions.Builder tls =
        options()
            .clientProperty("bootstrap.servers", broker.tlsBootstrapServers())
            .clientProperty("security.protocol", "SSL");
    start(tls);
    patiently().until(() -> source.health().detail().contains("SSL handshake failed"));
    engine.close();

    startAndAwaitUp(trusting(tls));
    sendAll(0, 3);
    awaitEvents(3);
  }

  @Test
  void saslOverTlsIsAMatterOfClientProperties() throws Exception {
    broker.createTopic(topic, 1);
    KafkaSourceOptions.Builder sasl =
        trusting(options())
            .clientProperty("bootstrap.servers", broker.saslBootstrapServers())
            .clientProperty("security.protocol", "SASL_SSL")
            .clientProperty("sasl.mechanism", "PLAIN")
            .clientProperty("sasl.jaas.config", jaas("plain.PlainLoginModule", "wrong"));
    start(sasl);
    patiently().until(() -> source.health().detail().contains("Authentication failed"));
    engine.close();
    assertThat(source.health().up()).isFalse();

    startAndAwaitUp(
        sasl.clientProperty(
            "sasl.jaas.config", jaas("plain.PlainLoginModule", KafkaBroker.PASSWORD)));
    sendAll(0, 3);
    awaitEvents(3);
    engine.close();

    startAndAwaitUp(
        sasl.clientProperty("sasl.mechanism", "SCRAM-SHA-512")
            .clientProperty(
                "sasl.jaas.config", jaas("scram.ScramLoginModule", KafkaBroker.PASSWORD)));
    sendAll(3, 6);
    awaitEvents(6);
    assertThat(journal.data()).isEqualTo(numbers(0, 6));
  }

  private static KafkaSourceOptions.Builder trusting(KafkaSourceOptions.Builder options) {
    return options
        .clientProperty("ssl.truststore.type", "PEM")
        .clientProperty("ssl.truststore.location", broker.certificate().toString());
  }

  private static String jaas(String module, String password) {
    return "org.apache.kafka.common.security."
        + module
        + " required username=\""
        + KafkaBroker.USER
        + "\" password=\""
        + password
        + "\";";
  }

  @Test
  void itStartsWithoutBrokersAndSaysSo() {
    start(options().clientProperty("bootstrap.servers", "127.0.0.1:1"));

    patiently().until(() -> source.health().detail().startsWith("brokers do not answer"));
    assertThat(source.stats().lag()).isEqualTo(-1);
    engine.close();
    assertThat(source.health().detail()).isEqualTo("closed");
  }

  @Test
  void aTopicThatDoesNotExistYetIsSaidAndReadOnceItIsThere() throws Exception {
    start(options());
    patiently().until(() -> source.health().detail().equals("topic " + topic + " does not exist"));

    broker.createTopic(topic, 1);
    sendAll(0, 5);

    awaitEvents(5);
    awaitUp();
  }

  @Test
  void aWrongClientPropertyStopsTheStart() {
    assertThatThrownBy(() -> start(options().clientProperty("fetch.max.bytes", "many")))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("fetch.max.bytes");
  }
}
