package io.ssegateway.gateway;

import static io.ssegateway.gateway.DeployFiles.DEPLOY;
import static io.ssegateway.gateway.DeployFiles.at;
import static io.ssegateway.gateway.DeployFiles.document;
import static io.ssegateway.gateway.DeployFiles.documents;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.grpc.xds.shaded.io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.grpc.xds.shaded.io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.grpc.xds.shaded.io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files of {@code deploy/} against the schemas of who reads them, or by the readers themselves
 * where the machine has them.
 */
class DeploySchemaIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> KUBERNETES =
      List.of("namespace", "deployment", "service", "disruption-budget", "autoscaler");
  private static final String POD_SPEC = "io.k8s.api.core.v1.PodSpec";

  @TempDir Path directory;

  private static JsonNode schema(String name) throws IOException {
    try (InputStream in = DeploySchemaIT.class.getResourceAsStream("/schemas/" + name)) {
      return JSON.readTree(in);
    }
  }

  private static List<String> errors(
      SpecificationVersion version, JsonNode schema, Object document) {
    return SchemaRegistry.withDefaultDialect(version)
        .getSchema(schema)
        .validate(JSON.valueToTree(document))
        .stream()
        .map(Error::toString)
        .toList();
  }

  private static List<String> composeErrors(Object document) throws IOException {
    ObjectNode schema = (ObjectNode) schema("compose-spec.json");
    schema.remove("$id"); // a relative one, which the library refuses
    return errors(SpecificationVersion.DRAFT_7, schema, document);
  }

  private static List<String> kubernetesErrors(String definition, Object document)
      throws IOException {
    ObjectNode schema = (ObjectNode) schema("kubernetes.json");
    assertThat(schema.get("$defs").has(definition)).as(definition).isTrue();
    schema.put("$ref", "#/$defs/" + definition);
    return errors(SpecificationVersion.DRAFT_2020_12, schema, document);
  }

  /** Checks an object against the definition of its own kind. */
  private static List<String> kubernetesErrors(Object object) throws IOException {
    String version = at(object, "apiVersion").toString();
    String qualified = version.contains("/") ? version.replace('/', '.') : "core." + version;
    return kubernetesErrors("io.k8s.api." + qualified + "." + at(object, "kind"), object);
  }

  @SuppressWarnings("unchecked")
  private static void put(Object map, String key, Object value) {
    ((Map<String, Object>) map).put(key, value);
  }

  @Test
  void composeIsAsItsSpecificationSays() throws IOException {
    Map<String, Object> compose = document("compose/compose.yaml");
    assertThat(composeErrors(compose)).isEmpty();

    put(at(compose, "services/redis"), "helthcheck", "a");
    assertThat(composeErrors(compose)).as("it looks").isNotEmpty();
  }

  @Test
  void kubernetesObjectsAreAsItsApiSays() throws IOException {
    for (String name : KUBERNETES) {
      assertThat(kubernetesErrors(document("kubernetes/" + name + ".yaml"))).as(name).isEmpty();
    }
    Map<String, Object> deployment = document("kubernetes/deployment.yaml");
    put(at(deployment, "spec/template/spec/containers/0"), "envs", "a");
    assertThat(kubernetesErrors(deployment)).as("it looks").isNotEmpty();
  }

  @Test
  void kustomizeMakesObjectsOutOfThem() throws Exception {
    String kubectl = OptionalProgram.find("kubectl");

    String made =
        Shell.run(Map.of(), kubectl, "kustomize", DEPLOY.resolve("kubernetes").toString());

    List<Map<String, Object>> objects = documents(made);
    assertThat(objects).hasSameSizeAs(KUBERNETES);
    for (Object object : objects) {
      assertThat(kubernetesErrors(object)).isEmpty();
      assertThat(at(object, "kind").equals("Namespace") ? "" : at(object, "metadata/namespace"))
          .isIn("", "sse-gateway");
    }
  }

  @Test
  void theServiceOfCloudRunHoldsAPod() throws IOException {
    String filledIn =
        Files.readString(DEPLOY.resolve("cloud-run/service.yaml"))
            .replace("${PORT}", "8080")
            .replaceAll("\\$\\{[A-Z_]+\\}", "a");
    Map<?, ?> revision = (Map<?, ?>) at(documents(filledIn).get(0), "spec/template/spec");
    Map<Object, Object> pod = new LinkedHashMap<>(revision);
    assertThat(pod.remove("timeoutSeconds")).as("Knative's own").isEqualTo(3600);
    assertThat(pod.remove("containerConcurrency")).as("Knative's own").isEqualTo(1000);

    assertThat(kubernetesErrors(POD_SPEC, pod)).isEmpty();
  }

  @Test
  void envoyIsAsItsApiSays() throws IOException {
    Map<String, Object> envoy = document("proxy/envoy.yaml");
    Bootstrap bootstrap = envoy(envoy);
    assertThat(bootstrap.getStaticResources().getListeners(0).getFilterChainsCount()).isEqualTo(1);

    put(at(envoy, "static_resources/clusters/0"), "connection_timeout", "5s");
    assertThatThrownBy(() -> envoy(envoy))
        .as("it looks")
        .isInstanceOf(InvalidProtocolBufferException.class);
  }

  /** Reads as Envoy does: by the messages of its API, refusing what they do not have. */
  private static Bootstrap envoy(Object document) throws IOException {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    JsonFormat.parser()
        .usingTypeRegistry(
            TypeRegistry.newBuilder()
                .add(HttpConnectionManager.getDescriptor())
                .add(Router.getDescriptor())
                .build())
        .merge(JSON.writeValueAsString(document), bootstrap);
    return bootstrap.build();
  }

  @Test
  void prometheusOfComposeReadsItsFiles() throws Exception {
    String promtool = OptionalProgram.find("promtool");
    Files.copy(DEPLOY.resolve("prometheus/alerts.yml"), directory.resolve("alerts.yml"));
    Path key = Files.writeString(directory.resolve("key"), "a");
    String text = Files.readString(DEPLOY.resolve("compose/prometheus.yml"));
    Path config =
        Files.writeString(
            directory.resolve("prometheus.yml"),
            text.replace("/run/secrets/prometheus-key", key.toString()));

    assertThat(Shell.run(Map.of(), promtool, "check", "config", config.toString()))
        .contains("SUCCESS: 1 rule files found");
  }

  @Test
  void grafanaFindsTheDashboardAndItsPanelsHavePlaces() throws IOException {
    String mounted = at(document("compose/compose.yaml"), "services/grafana/volumes").toString();
    String path =
        at(document("compose/grafana/dashboards.yaml"), "providers/0/options/path").toString();
    assertThat(mounted).contains(":" + path + "/sse-gateway.json:ro");
    JsonNode dashboard = JSON.readTree(DEPLOY.resolve("grafana/sse-gateway.json").toFile());
    assertThat(dashboard.has("__inputs")).as("only for an import by hand").isFalse();
    assertThat(dashboard.get("schemaVersion").asInt()).isPositive();

    Set<Integer> ids = new HashSet<>();
    Map<String, Integer> cells = new HashMap<>();
    for (JsonNode panel : dashboard.get("panels")) {
      int id = panel.get("id").asInt();
      assertThat(ids.add(id)).as("id %s", id).isTrue();
      JsonNode place = panel.get("gridPos");
      int right = place.get("x").asInt() + place.get("w").asInt();
      assertThat(right).as("columns of panel %s", id).isLessThanOrEqualTo(24);
      for (int x = place.get("x").asInt(); x < right; x++) {
        for (int y = 0; y < place.get("h").asInt(); y++) {
          Integer other = cells.put(x + "," + (place.get("y").asInt() + y), id);
          assertThat(other).as("below panel %s", id).isNull();
        }
      }
    }
    assertThat(ids).hasSizeGreaterThan(10);
  }

  @Test
  void theQueriesOfTheGrafanaDashboardAreOnesOfPrometheus() throws Exception {
    String promtool = OptionalProgram.find("promtool");
    List<Map<String, String>> rules = new ArrayList<>();
    for (JsonNode expression :
        JSON.readTree(DEPLOY.resolve("grafana/sse-gateway.json").toFile()).findValues("expr")) {
      String query =
          expression.asText().replace("$__rate_interval", "5m").replace("$instance", "a");
      assertThat(query).doesNotContain("$");
      rules.add(Map.of("record", "query:" + rules.size(), "expr", query));
    }
    assertThat(rules).hasSizeGreaterThan(20);
    Path file = directory.resolve("rules.yml"); // JSON is YAML
    JSON.writeValue(
        file.toFile(), Map.of("groups", List.of(Map.of("name", "queries", "rules", rules))));

    assertThat(Shell.run(Map.of(), promtool, "check", "rules", file.toString()))
        .contains("SUCCESS: " + rules.size() + " rules found");
  }

  @Test
  void caddyTakesItsFile() throws Exception {
    String caddy = OptionalProgram.find("caddy");
    Path file = DEPLOY.resolve("proxy/Caddyfile");

    Shell.run(
        Map.of("HOME", directory.toString()),
        caddy,
        "validate",
        "--adapter",
        "caddyfile",
        "--config",
        file.toString());
    assertThat(Shell.run(Map.of(), caddy, "fmt", file.toString()))
        .isEqualTo(Files.readString(file));
  }
}
