package io.ssegateway.gateway;

import static io.ssegateway.gateway.DeployFiles.DEPLOY;
import static io.ssegateway.gateway.DeployFiles.ROOT;
import static io.ssegateway.gateway.DeployFiles.at;
import static io.ssegateway.gateway.DeployFiles.document;
import static io.ssegateway.gateway.DeployFiles.documents;
import static io.ssegateway.gateway.DeployFiles.files;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ssegateway.gateway.config.ConfigurationLoader;
import io.ssegateway.gateway.config.Setting;
import io.ssegateway.gateway.config.Settings;
import io.ssegateway.redis.client.testing.RedisProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** The files of {@code deploy/} are what their readers take, and ask for nothing that is not. */
class DeployIT {
  private static final Pattern VARIABLE = Pattern.compile("SSE_GATEWAY_[A-Z0-9_]+");

  /** A drain may take this much longer than its setting. */
  private static final int DRAIN_EXTRA_SECONDS = 10;

  @TempDir Path directory;
  private RedisProcess redis;

  @AfterEach
  void stopRedis() {
    if (redis != null) {
      redis.close();
    }
  }

  /** The settings of a list of names and values. */
  private static Map<String, String> environment(Object list) {
    Map<String, String> environment = new HashMap<>();
    for (Object entry : (List<?>) list) {
      Map<?, ?> variable = (Map<?, ?>) entry;
      Object value = variable.get("value");
      environment.put(
          String.valueOf(variable.get("name")), value == null ? "redis://redis" : value.toString());
    }
    return environment;
  }

  private static long seconds(Map<String, String> environment, Setting<Integer> setting) {
    return ConfigurationLoader.load(Map.of(), environment, null).get(setting) / 1000;
  }

  @Test
  void everyYamlFileIsYamlWithoutAKeyThatStandsTwice() throws IOException {
    List<Path> files = files(".*\\.ya?ml");
    assertThat(files).hasSizeGreaterThan(10);
    for (Path file : files) {
      assertThat(documents(Files.readString(file)))
          .as(file.toString())
          .isNotEmpty()
          .doesNotContainNull();
    }
  }

  @Test
  void everySettingThatIsNamedExists() throws IOException {
    Set<String> known = new TreeSet<>(Set.of(ConfigurationLoader.FILE_VARIABLE));
    Settings.all().forEach(setting -> known.addAll(setting.environmentNames()));
    Set<String> named = new TreeSet<>();
    for (Path file : files(".*")) {
      VARIABLE.matcher(Files.readString(file)).results().forEach(match -> named.add(match.group()));
    }
    assertThat(named).hasSizeGreaterThan(5);
    assertThat(known).containsAll(named);
  }

  @Test
  void composeGivesTheGatewayTimeToDrain() throws IOException {
    Object gateway = at(document("compose/compose.yaml"), "services/gateway");
    Map<String, String> environment = composeEnvironment();
    String grace = at(gateway, "stop_grace_period").toString().replace("s", "");

    assertThat(Long.parseLong(grace))
        .isGreaterThanOrEqualTo(seconds(environment, Settings.DRAIN) + DRAIN_EXTRA_SECONDS);
    for (Object port : (List<?>) at(gateway, "ports")) {
      assertThat(port.toString()).as("for this machine alone").startsWith("127.0.0.1:");
    }
    for (String mounted :
        List.of(
            "prometheus.yml",
            "../prometheus/alerts.yml",
            "grafana/datasource.yaml",
            "grafana/dashboards.yaml",
            "../grafana/sse-gateway.json",
            "../docker/Dockerfile")) {
      assertThat(DEPLOY.resolve("compose").resolve(mounted)).exists();
    }
  }

  @Test
  void kubernetesObjectsFitEachOther() throws IOException {
    Object deployment = document("kubernetes/deployment.yaml");
    Object pod = at(deployment, "spec/template/spec");
    Object container = at(pod, "containers/0");
    Object labels = at(deployment, "spec/template/metadata/labels");
    for (String resource : strings(at(document("kubernetes/kustomization.yaml"), "resources"))) {
      Object object = document("kubernetes/" + resource);
      assertThat(at(object, "apiVersion")).as(resource).isNotNull();
      assertThat(at(object, "metadata/name")).as(resource).isEqualTo("sse-gateway");
      at(object, "kind");
    }
    assertThat(at(deployment, "spec/selector/matchLabels")).isEqualTo(labels);
    assertThat(at(document("kubernetes/service.yaml"), "spec/selector")).isEqualTo(labels);
    assertThat(at(document("kubernetes/disruption-budget.yaml"), "spec/selector/matchLabels"))
        .isEqualTo(labels);
    assertThat(at(document("kubernetes/autoscaler.yaml"), "spec/scaleTargetRef/name"))
        .isEqualTo(at(deployment, "metadata/name"));
    assertThat(at(document("kubernetes/service.yaml"), "spec/ports/0/targetPort"))
        .isEqualTo(at(container, "ports/0/name"));
    assertThat(at(container, "readinessProbe/httpGet/path")).isEqualTo("/ready");
    assertThat(at(container, "livenessProbe/httpGet/path")).isEqualTo("/health");

    long drain = seconds(environment(at(container, "env")), Settings.DRAIN);
    long preStop = Long.parseLong(at(container, "lifecycle/preStop/exec/command/1").toString());
    assertThat(Long.parseLong(at(pod, "terminationGracePeriodSeconds").toString()))
        .isGreaterThanOrEqualTo(preStop + drain + DRAIN_EXTRA_SECONDS);
  }

  private static Map<String, String> composeEnvironment() throws IOException {
    Map<String, String> environment = new HashMap<>();
    ((Map<?, ?>) at(document("compose/compose.yaml"), "services/gateway/environment"))
        .forEach((name, value) -> environment.put(name.toString(), value.toString()));
    return environment;
  }

  @Test
  void withTheEnvironmentOfComposeAKeyPublishesAndPrometheusReadsByItsOwn() throws Exception {
    Object compose = document("compose/compose.yaml");
    String mounted = "/run/secrets/" + at(compose, "services/gateway/secrets/0");
    assertThat(at(compose, "secrets/api-keys/file")).isEqualTo("./secrets/keys.properties");
    assertThat(at(compose, "secrets/prometheus-key/file")).isEqualTo("./secrets/prometheus.key");
    assertThat(at(document("compose/prometheus.yml"), "scrape_configs/0/authorization").toString())
        .isEqualTo(
            "{credentials_file=/run/secrets/" + at(compose, "services/prometheus/secrets/0") + "}");

    try (GatewayProcess gateway = startWithKeys(composeEnvironment(), mounted)) {
      aKeyPublishes(gateway);
      assertThat(Requests.get(gateway.url("/metrics")).statusCode()).isEqualTo(401);
      HttpResponse<String> scraped =
          Requests.get(gateway.url("/metrics"), "Authorization", "Bearer " + key("prometheus"));
      assertThat(scraped.body()).contains("sse_gateway_connections 0");
    }
  }

  @Test
  void withTheEnvironmentOfKubernetesAKeyPublishesAndPrometheusNeedsNone() throws Exception {
    Object pod = at(document("kubernetes/deployment.yaml"), "spec/template/spec");
    Object container = at(pod, "containers/0");
    String mounted =
        at(container, "volumeMounts/1/mountPath") + "/" + at(pod, "volumes/1/secret/items/0/path");
    assertThat(at(container, "volumeMounts/1/name")).isEqualTo(at(pod, "volumes/1/name"));
    assertThat(at(pod, "volumes/1/secret/items/0/key")).isEqualTo("keys.properties");

    try (GatewayProcess gateway = startWithKeys(environment(at(container, "env")), mounted)) {
      aKeyPublishes(gateway);
      assertThat(Requests.get(gateway.url("/metrics")).body())
          .contains("sse_gateway_connections 0");
    }
  }

  /** Starts the jar as its container would be, but for where Redis and the keys are. */
  private GatewayProcess startWithKeys(Map<String, String> environment, String mounted)
      throws Exception {
    String java = GatewayProcess.java() + " " + String.join(" ", ClassArchive.options());
    Shell.run(
        Map.of("GATEWAY", java + " -jar " + GatewayProcess.jar().toAbsolutePath()),
        "bash",
        DEPLOY.resolve("api-keys").toString(),
        directory.resolve("secrets").toString());
    redis = RedisProcess.start(directory);
    Map<String, String> here = new HashMap<>(environment);
    assertThat(here)
        .containsEntry("SSE_GATEWAY_API_KEYS", mounted)
        .containsKey("SSE_GATEWAY_REDIS_URI");
    here.put("SSE_GATEWAY_API_KEYS", directory.resolve("secrets/keys.properties").toString());
    here.put("SSE_GATEWAY_REDIS_URI", redis.uri());
    here.put("SSE_GATEWAY_PORT", "0");
    GatewayProcess gateway =
        GatewayProcess.start(GatewayProcess.java(), ClassArchive.options(), here);
    await().until(() -> Requests.get(gateway.url("/ready")).statusCode() == 200);
    return gateway;
  }

  private String key(String name) throws IOException {
    return Files.readString(directory.resolve("secrets/" + name + ".key")).strip();
  }

  private void aKeyPublishes(GatewayProcess gateway) throws Exception {
    String message = "{\"channel_id\":\"a\",\"data\":\"b\"}";
    assertThat(Requests.post(gateway.url("/api/send"), message).statusCode()).isEqualTo(401);
    String bearer = "Bearer " + key("publisher");
    assertThat(
            Requests.post(gateway.url("/api/send"), message, "Authorization", bearer).statusCode())
        .isEqualTo(200);
    assertThat(Requests.get(gateway.url("/api/stats"), "Authorization", bearer).statusCode())
        .as("to publish is all that it may")
        .isEqualTo(403);
  }

  private static List<String> strings(Object list) {
    return ((List<?>) list).stream().map(Object::toString).toList();
  }

  @Test
  void cloudRunGetsAWholeServiceOutOfTheEnvironment() throws Exception {
    Path deployed = directory.resolve("deployed.yaml");
    Path gcloud =
        Files.writeString(
            directory.resolve("gcloud"),
            "#!/bin/sh\nif [ \"$3\" = replace ]; then cp \"$4\" " + deployed + "; fi\n");
    assertThat(gcloud.toFile().setExecutable(true)).isTrue();

    Shell.run(
        Map.of(
            "PATH", directory + ":" + System.getenv("PATH"),
            "PROJECT", "p",
            "PORT", "8081",
            "PUBSUB_SUBSCRIPTION", "s",
            "IMAGE", "an/image"),
        "bash",
        DEPLOY.resolve("cloud-run/deploy.sh").toString());

    String text = Files.readString(deployed);
    assertThat(text).doesNotContain("${");
    Object container = at(documents(text).get(0), "spec/template/spec/containers/0");
    assertThat(at(container, "image")).isEqualTo("an/image");
    assertThat(at(container, "ports/0/containerPort")).isEqualTo(8081);
    Map<String, String> environment = environment(at(container, "env"));
    assertThat(environment)
        .containsEntry("GCP_PROJECT", "p")
        .containsEntry("PUBSUB_SUBSCRIPTION", "s");
    assertThat(seconds(environment, Settings.DRAIN)).as("SIGKILL comes after 10 s").isLessThan(10);
  }

  @Test
  void theDockerfileCopiesWhatExistsAndRunsJavaAsTheFirstProcess() throws IOException {
    List<String> lines = Files.readAllLines(DEPLOY.resolve("docker/Dockerfile"), UTF_8);
    List<String> copied =
        lines.stream()
            .filter(line -> line.startsWith("COPY deploy/"))
            .map(line -> line.split(" ", -1)[1])
            .toList();
    assertThat(copied).isNotEmpty().allSatisfy(file -> assertThat(ROOT.resolve(file)).exists());
    assertThat(lines).anyMatch(line -> line.equals("USER 10001:10001"));
    String entry =
        lines.stream().filter(line -> line.startsWith("ENTRYPOINT ")).findFirst().orElseThrow();
    Object command = new Yaml().load(entry.substring("ENTRYPOINT ".length()));
    assertThat(strings(command)).startsWith("java").endsWith("-jar", "/app/sse-gateway.jar");
  }

  @Test
  void theArchiveOfClassesIsMadeAndUsed() throws Exception {
    Path archive = directory.resolve("sse-gateway.jsa");
    String path = GatewayProcess.java().getParent() + ":" + System.getenv("PATH");
    String answers =
        Shell.run(
            Map.of("PATH", path),
            "bash",
            DEPLOY.resolve("docker/class-archive").toString(),
            GatewayProcess.jar().toAbsolutePath().toString(),
            archive.toString());
    assertThat(answers.lines().map(String::strip)).hasSize(3).containsOnly("HTTP/1.1 200 OK");

    try (GatewayProcess gateway =
        GatewayProcess.start(
            GatewayProcess.java(),
            List.of("-XX:SharedArchiveFile=" + archive, "-Xshare:on", "-Xlog:class+load"),
            Map.of(),
            "--port=0",
            "--journal=memory")) {
      Shell.run(
          Map.of("PORT", Integer.toString(gateway.port())),
          "bash",
          DEPLOY.resolve("docker/health-check").toString());
      assertThat(gateway.output())
          .anyMatch(
              line -> line.contains("io.ssegateway.engine.Lane source: shared objects file (top)"));
    }
  }

  @Test
  void theUnitOfSystemdIsOne() throws Exception {
    String analyze = OptionalProgram.find("systemd-analyze");
    Path unit = DEPLOY.resolve("systemd/sse-gateway.service");

    String said = Shell.run(Map.of(), analyze, "verify", unit.toString());

    assertThat(said.lines().filter(line -> line.contains("sse-gateway.service"))).isEmpty();
  }

  @Test
  void shellCheckFindsNothing() throws Exception {
    String shellcheck = OptionalProgram.find("shellcheck");
    List<String> command = new ArrayList<>(List.of(shellcheck));
    for (Path file : files(".*")) {
      if (Files.readString(file).startsWith("#!")) {
        command.add(file.toString());
      }
    }
    command.add(ROOT.resolve(".ci/run").toString());
    command.add(ROOT.resolve(".ci/reproducible").toString());
    assertThat(command).hasSizeGreaterThan(7);

    assertThat(Shell.run(Map.of(), command.toArray(String[]::new))).isEmpty();
  }
}
