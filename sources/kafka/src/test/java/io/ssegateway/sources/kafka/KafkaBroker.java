package io.ssegateway.sources.kafka;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;

/**
 * A Kafka broker in KRaft mode, which is its own controller, in a JVM of its own: it can be killed
 * and started again on the same ports and the same data.
 */
final class KafkaBroker implements AutoCloseable {
  static final String USER = "gateway";
  static final String PASSWORD = "correct-horse";

  private final Path directory;
  private final int port;
  private final int tlsPort;
  private final int saslPort;
  private Process process;

  KafkaBroker(Path directory) throws IOException, InterruptedException {
    this.directory = directory;
    this.port = freePort();
    this.tlsPort = freePort();
    this.saslPort = freePort();
    makeCertificate();
    int controllerPort = freePort();
    Path properties = directory.resolve("server.properties");
    Files.writeString(
        properties,
        """
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:%3$d
        controller.listener.names=CONTROLLER
        listeners=PLAINTEXT://127.0.0.1:%1$d,SSL://127.0.0.1:%7$d,SASL_SSL://127.0.0.1:%2$d,CONTROLLER://127.0.0.1:%3$d
        advertised.listeners=PLAINTEXT://127.0.0.1:%1$d,SSL://127.0.0.1:%7$d,SASL_SSL://127.0.0.1:%2$d
        inter.broker.listener.name=PLAINTEXT
        listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL
        ssl.keystore.type=PKCS12
        ssl.keystore.location=%8$s
        ssl.keystore.password=%5$s
        sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
        listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_%4$s="%5$s";
        listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
        log.dirs=%6$s
        offsets.topic.replication.factor=1
        auto.create.topics.enable=false
        delete.topic.enable=true
        broker.session.timeout.ms=1500
        broker.heartbeat.interval.ms=300
        """
            .formatted(
                port,
                saslPort,
                controllerPort,
                USER,
                PASSWORD,
                directory.resolve("data"),
                tlsPort,
                keyStore()));
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int result =
        StorageTool.execute(
            new String[] {
              "format",
              "-t",
              Uuid.randomUuid().toString(),
              "-c",
              properties.toString(),
              "--add-scram",
              "SCRAM-SHA-512=[name=" + USER + ",password=" + PASSWORD + "]"
            },
            new PrintStream(output, true, StandardCharsets.UTF_8));
    if (result != 0) {
      throw new IllegalStateException("format: " + output.toString(StandardCharsets.UTF_8));
    }
  }

  private Path keyStore() {
    return directory.resolve("broker.p12");
  }

  /** PEM file of the broker's certificate, which signs itself. */
  Path certificate() {
    return directory.resolve("broker.pem");
  }

  private void makeCertificate() throws IOException, InterruptedException {
    keytool(
        List.of(
            "-genkeypair",
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=localhost",
            "-ext",
            "SAN=dns:localhost,ip:127.0.0.1",
            "-storetype",
            "PKCS12"));
    keytool(List.of("-exportcert", "-rfc", "-file", certificate().toString()));
  }

  private void keytool(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(arguments);
    command.addAll(
        List.of("-alias", "broker", "-keystore", keyStore().toString(), "-storepass", PASSWORD));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IllegalStateException("keytool: " + said);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  String tlsBootstrapServers() {
    return "127.0.0.1:" + tlsPort;
  }

  String saslBootstrapServers() {
    return "127.0.0.1:" + saslPort;
  }

  void start() throws Exception {
    launch();
    awaitReady();
  }

  void launch() throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dlogback.configurationFile=logback-broker.xml",
                "-cp",
                System.getProperty("java.class.path"),
                "kafka.Kafka",
                directory.resolve("server.properties").toString())
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve("broker.log").toFile()))
            .start();
  }

  void awaitReady() throws Exception {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
    while (true) {
      if (!process.isAlive()) {
        throw new IllegalStateException("broker ended: " + log());
      }
      // A socket first: the client would log and wait through every refused connection.
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        break;
      } catch (IOException e) {
        if (Instant.now().isAfter(deadline)) {
          throw new IllegalStateException("broker does not answer: " + log(), e);
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
    try (Admin admin = admin()) {
      admin.describeCluster().nodes().get(30, TimeUnit.SECONDS);
    }
  }

  private String log() throws IOException {
    return Files.readString(directory.resolve("broker.log"));
  }

  Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrapServers()));
  }

  void createTopic(String name, int partitions) throws Exception {
    try (Admin admin = admin()) {
      admin
          .createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  /** Ends it as {@code kill -9} does. */
  void kill() {
    process.destroyForcibly();
    process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    if (process != null) {
      kill();
    }
  }
}
