package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.ConfigurationLoader;
import io.ssegateway.gateway.config.MetricsAccess;
import io.ssegateway.transport.netty.ApiKey;
import io.ssegateway.transport.netty.ApiKeys;
import io.ssegateway.transport.netty.ChannelPatterns;
import io.ssegateway.transport.netty.Gateway;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The OpenAPI document against what the server does: everything that it answers is in the document,
 * everything in the document is answered, and each answer is as the document says.
 */
class OpenApiIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String KEY = ApiKeys.generate();
  private static final String[] AS_KNOWN = {"Authorization", "Bearer " + KEY};
  private static final String[] AS_UNKNOWN = {"Authorization", "Bearer " + ApiKeys.generate()};
  private static final String[] AS_NOBODY = {};
  private static final String[] FROM_ELSEWHERE = {"X-Forwarded-For", "192.0.2.7"};
  private static final String MESSAGE = "{\"channel_id\":\"a\",\"data\":{\"n\":1}}";

  /** What a small server does not do at will; other tests provoke each of them. */
  private static final Set<String> NOT_PROVOKED = Set.of("413", "429", "500", "503", "507");

  @TempDir static Path directory;
  private static Gateway gateway;
  private static Gateway guarded;
  private static SseStream first;
  private static JsonNode document;
  private static final Set<String> tried = new TreeSet<>();

  /** A request, and where the document describes it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared by equals
  private record Try(
      Gateway to, String method, String path, String target, String body, String... headers) {}

  @BeforeAll
  static void start() throws Exception {
    Path webhooks =
        Files.writeString(
            directory.resolve("webhooks.properties"),
            """
            own.broadcast=true
            own.signature=none
            signed.broadcast=true
            signed.signature=hmac-sha256
            signed.header=X-Signature
            signed.secrets=s
            """);
    Configuration configuration =
        ConfigurationLoader.load(
            Map.of("port", "0", "journal", "memory", "webhooks", webhooks.toString()),
            Map.of(),
            null);
    gateway = Wiring.gateway(configuration, AuthWiring.of(configuration));
    gateway.start();
    first = SseStream.open("http://127.0.0.1:" + gateway.port() + "/sse/connect?channel_id=a", "");
    guarded = guarded();
    guarded.start();
    document = JSON.readTree(get(gateway, "/openapi.json").body());
  }

  /** One that asks for credentials. */
  private static Gateway guarded() {
    ApiKey key =
        new ApiKey(
            "test",
            ApiKeys.sha256(KEY),
            ChannelPatterns.of("a"),
            ChannelPatterns.of("a"),
            Set.of());
    Gateway.Builder builder = Gateway.builder().port(0).authenticator(new ApiKeys(List.of(key)));
    MetricsWiring metrics = MetricsWiring.add(MetricsAccess.STATS, builder);
    Gateway built = builder.build();
    metrics.bind(built);
    return built;
  }

  @AfterAll
  static void stop() {
    first.close();
    gateway.close();
    guarded.close();
  }

  private static HttpResponse<String> get(Gateway from, String target)
      throws IOException, InterruptedException {
    return Requests.get("http://127.0.0.1:" + from.port() + target);
  }

  private static List<Try> tries() {
    List<Try> tries = new ArrayList<>();
    add(tries, "GET", "/sse/connect", "?channel_id=a");
    add(tries, "GET", "/sse/connect", "");
    add(tries, "POST", "/api/send", "", MESSAGE);
    add(tries, "POST", "/api/send", "", "[" + MESSAGE + "," + MESSAGE + "]");
    add(tries, "POST", "/api/send", "", MESSAGE + "\n" + MESSAGE + "\n");
    add(tries, "POST", "/api/send", "", "{\"data\":1,\"more\":2}");
    add(tries, "POST", "/api/ticket", "", "");
    for (String list : List.of("/api/stats", "/api/channels", "/api/connections")) {
      for (String method : List.of("GET", "HEAD")) {
        add(tries, method, list, "");
        add(tries, method, list, "?limit=5000");
      }
    }
    add(tries, "GET", "/api/stats/stream", "");
    String channel = "/api/channels/{channel_id}";
    for (String method : List.of("GET", "HEAD")) {
      tries.add(new Try(gateway, method, channel, "/api/channels/a", ""));
      tries.add(new Try(gateway, method, channel, "/api/channels/%00", ""));
    }
    add(tries, "GET", "/health", "");
    add(tries, "HEAD", "/health", "");
    add(tries, "GET", "/ready", "");
    add(tries, "HEAD", "/ready", "");
    add(tries, "GET", "/openapi.json", "");
    add(tries, "HEAD", "/openapi.json", "");
    add(tries, "GET", "/metrics", "");
    add(tries, "HEAD", "/metrics", "");
    for (String name : List.of("own", "signed", "unknown")) {
      tries.add(new Try(gateway, "POST", "/webhook/{name}", "/webhook/" + name, "{}"));
    }
    tries.add(new Try(gateway, "POST", "/webhook/{name}", "/webhook/own", "no JSON"));
    tries.add(new Try(gateway, "POST", "/webhook/{name}", "/webhook/own", "{}", FROM_ELSEWHERE));
    String connection = "/api/connections/{connection_id}";
    for (String id : List.of("1", "999999", "x")) {
      tries.add(new Try(gateway, "DELETE", connection, "/api/connections/" + id, ""));
    }
    tries.add(new Try(guarded, "POST", "/api/ticket", "/api/ticket", "", AS_KNOWN));
    for (String[] who : List.of(AS_NOBODY, AS_UNKNOWN, AS_KNOWN)) {
      for (String path : List.of("/api/stats", "/api/channels", "/api/connections", "/metrics")) {
        tries.add(new Try(guarded, "GET", path, path, "", who));
        tries.add(new Try(guarded, "HEAD", path, path, "", who));
      }
      tries.add(new Try(guarded, "GET", channel, "/api/channels/a", "", who));
      tries.add(new Try(guarded, "HEAD", channel, "/api/channels/a", "", who));
      String feed = "/api/stats/stream";
      tries.add(new Try(guarded, "GET", feed, feed, "", who));
      tries.add(new Try(guarded, "POST", "/api/ticket", "/api/ticket", "", who));
      tries.add(new Try(guarded, "GET", "/sse/connect", "/sse/connect?channel_id=b", "", who));
      tries.add(new Try(guarded, "POST", "/api/send", "/api/send", "{\"data\":1}", who));
      tries.add(new Try(guarded, "DELETE", connection, "/api/connections/1", "", who));
    }
    tries.add(
        new Try(
            guarded,
            "POST",
            "/api/ticket",
            "/api/ticket",
            "",
            "Authorization",
            "Bearer " + KEY,
            "Origin",
            "https://elsewhere.example"));
    return tries;
  }

  private static void add(List<Try> tries, String method, String path, String query) {
    add(tries, method, path, query, "");
  }

  private static void add(List<Try> tries, String method, String path, String query, String body) {
    tries.add(new Try(gateway, method, path, path + query, body));
  }

  @Test
  void everyPathAndMethodThatIsServedIsInTheDocumentAndNoOther() {
    Set<String> served = new TreeSet<>();
    gateway
        .paths()
        .forEach(
            (path, methods) -> {
              for (String method : methods.split(", ", -1)) {
                served.add(method + " " + path);
              }
            });
    served.removeIf(operation -> operation.contains(" /dashboard")); // a page, for people
    Set<String> documented = new TreeSet<>();
    for (String operation : operations().keySet()) {
      documented.add(operation.replaceFirst("\\{.*", ""));
    }

    assertThat(documented).isEqualTo(served);
  }

  @Test
  void everyAnswerIsAsTheDocumentSays() throws Exception {
    for (Try request : tries()) {
      check(request);
    }

    Set<String> documented = new TreeSet<>();
    operations()
        .forEach(
            (operation, description) ->
                description
                    .get("responses")
                    .fieldNames()
                    .forEachRemaining(status -> documented.add(operation + " " + status)));
    documented.removeIf(
        operation -> NOT_PROVOKED.contains(operation.substring(operation.length() - 3)));
    assertThat(tried).as("answers that were provoked").containsAll(documented);
  }

  @Test
  void everyReferenceLeadsSomewhereAndEveryOperationHasAName() {
    List<String> references = document.findValuesAsText("$ref");
    assertThat(references).hasSizeGreaterThan(50);
    for (String reference : references) {
      assertThat(document.at(JsonPointer.compile(reference.substring(1))).isMissingNode())
          .as(reference)
          .isFalse();
    }
    List<String> names =
        operations().values().stream().map(o -> o.get("operationId").asText()).toList();
    assertThat(names).doesNotHaveDuplicates();
    assertThat(document.get("openapi").asText()).isEqualTo("3.1.0");
    assertThat(document.at("/info/version").asText()).isNotEmpty();
  }

  /**
   * The schema that the OpenAPI Initiative publishes, https://spec.openapis.org/oas/3.1/schema/.
   */
  @Test
  void theDocumentIsOneByTheSchemaOfOpenApi() throws Exception {
    Schema openApi;
    try (InputStream schema = OpenApiIT.class.getResourceAsStream("/openapi/schema-3.1.json")) {
      openApi = SCHEMAS.getSchema(JSON.readTree(schema));
    }

    assertThat(openApi.validate(document)).isEmpty();

    for (String mistake :
        List.of("/info/title", "/paths/~1api~1send/post/responses", "/paths/~1health/get")) {
      ObjectNode wrong = document.deepCopy();
      int slash = mistake.lastIndexOf('/');
      ((ObjectNode) wrong.at(mistake.substring(0, slash)))
          .put(mistake.substring(slash + 1), 7); // of no type that is allowed there
      assertThat(openApi.validate(wrong)).as(mistake).isNotEmpty();
    }
  }

  /** The schema of OpenAPI leaves that to the dialect of JSON Schema. */
  @Test
  void eachSchemaOfTheDocumentIsOne() {
    Schema dialect =
        SCHEMAS.getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));
    JsonNode schemas = document.at("/components/schemas");

    assertThat(schemas).isNotEmpty();
    schemas.forEach(schema -> assertThat(dialect.validate(schema)).isEmpty());
    assertThat(dialect.validate(JSON.createObjectNode().put("type", 7))).isNotEmpty();
  }

  @Test
  void aMessageOfTheDocumentIsWhatTheServerTakes() throws Exception {
    Schema message = at("/components/schemas/Message");

    for (String body :
        List.of(
            MESSAGE,
            "{\"data\":null}",
            "{\"channel_id\":null,\"event_type\":\"t\",\"data\":\"x\",\"id\":\"i\",\"retry\":5}",
            "{\"channel_id\":\"a\"}",
            "{\"channel_id\":\"\",\"data\":1}",
            "{\"event_type\":\"\",\"data\":1}",
            "{\"data\":1,\"retry\":-1}",
            "{\"data\":1,\"retry\":\"soon\"}",
            "{\"data\":1,\"channel\":\"a\"}",
            "{\"data\":1,\"id\":7}",
            "{\"data\":1,\"event_type\":7}")) {
      boolean fits = message.validate(JSON.readTree(body)).isEmpty();
      int status =
          Requests.post("http://127.0.0.1:" + gateway.port() + "/api/send", body).statusCode();
      assertThat(status).as(body).isEqualTo(fits ? 200 : 400);
    }
  }

  /** The operations of the document, by method and path. */
  private static Map<String, JsonNode> operations() {
    Map<String, JsonNode> operations = new HashMap<>();
    for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        String name = method.getKey().toUpperCase(Locale.ROOT);
        operations.put(name + " " + path.getKey(), method.getValue());
      }
    }
    return operations;
  }

  private void check(Try request) throws Exception {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + request.to.port() + request.target))
            .timeout(LIMIT)
            .method(request.method, HttpRequest.BodyPublishers.ofString(request.body));
    if (request.headers.length > 0) {
      builder.headers(request.headers);
    }
    HttpResponse<InputStream> answer =
        CLIENT.send(builder.build(), HttpResponse.BodyHandlers.ofInputStream());
    String operation = request.method + " " + request.path;
    String status = Integer.toString(answer.statusCode());
    JsonNode described = operations().get(operation);
    assertThat(described).as(operation).isNotNull();
    JsonNode response = resolve(described.get("responses").path(status));
    assertThat(response.isMissingNode()).as("%s answered by %s", request, status).isFalse();
    tried.add(operation + " " + status);
    String type = answer.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", "");
    try (InputStream in = answer.body()) {
      if (request.method.equals("HEAD")) {
        assertThat(in.readAllBytes()).isEmpty();
        return;
      }
      JsonNode content = response.path("content").path(type);
      assertThat(content.isMissingNode()).as("%s answered as %s", request, type).isFalse();
      checkContent(operation, status, type, in);
    }
  }

  private static JsonNode resolve(JsonNode node) {
    return node.has("$ref")
        ? document.at(JsonPointer.compile(node.get("$ref").asText().substring(1)))
        : node;
  }

  private void checkContent(String operation, String status, String type, InputStream in)
      throws IOException {
    String text;
    String pointer = pointer(operation, status, type);
    if (type.equals("text/event-stream")) {
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      assertThat(lines.readLine()).startsWith(":");
      pointer += "/contentSchema";
      if (document.at(pointer).isMissingNode()) {
        return; // nothing is published to it
      }
      text = firstData(lines);
    } else {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (!type.endsWith("json")) {
        assertThat(text).isNotEmpty();
        return;
      }
    }
    assertThat(at(pointer).validate(JSON.readTree(text)))
        .as("%s answered by %s: %s", operation, status, text)
        .isEmpty();
  }

  /** Where the document has the schema of an answer. */
  private static String pointer(String operation, String status, String type) {
    int space = operation.indexOf(' ');
    String path = escape(operation.substring(space + 1));
    String method = operation.substring(0, space).toLowerCase(Locale.ROOT);
    String answer = "/paths/" + path + "/" + method + "/responses/" + status;
    JsonNode reference = document.at(answer).path("$ref");
    String place = reference.isMissingNode() ? answer : reference.asText().substring(1);
    return place + "/content/" + escape(type) + "/schema";
  }

  private static String escape(String step) {
    return step.replace("~", "~0").replace("/", "~1");
  }

  /** The schema at a place of the document, which may refer to its components. */
  private static Schema at(String pointer) {
    JsonNode found = document.at(pointer);
    assertThat(found.isMissingNode()).as(pointer).isFalse();
    ObjectNode schema = found.deepCopy();
    schema.set("components", document.get("components"));
    return SCHEMAS.getSchema(schema);
  }

  /** The data of the first event of a stream. */
  private static String firstData(BufferedReader lines) throws IOException {
    String line = lines.readLine();
    while (line != null && !line.startsWith("data: ")) {
      line = lines.readLine();
    }
    assertThat(line).isNotNull();
    return line.substring("data: ".length());
  }
}
