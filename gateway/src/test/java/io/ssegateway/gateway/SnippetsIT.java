package io.ssegateway.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

/** What the documentation shows compiles, runs, parses and leads somewhere. */
class SnippetsIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern FENCE =
      Pattern.compile("(?m)^(<!-- run -->\\n)?```([a-z]*)\\n((?:(?!```).*\\n)*?)```$");
  private static final Pattern COMMAND =
      Pattern.compile(
          "(?:mvn|java|curl|docker|kubectl|unzip|redis-cli|\\.ci/|PUBLISH|XADD).*", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  /** Pages whose marked blocks another test runs, since they need a gateway of their own. */
  private static final Map<String, String> RUN_ELSEWHERE =
      Map.of("README.md", "ReadmeIT", "docs/webhook.md", "WebhookIT");

  /** How the commands begin that no test runs, and why. */
  private static final Map<String, String> NOT_RUN = new LinkedHashMap<>();

  static {
    NOT_RUN.put("mvn ", "the build that runs this test");
    NOT_RUN.put(".ci/reproducible", "builds everything twice");
    NOT_RUN.put("curl -N ", "never ends; ReadmeIT reads the same stream");
    NOT_RUN.put("java -jar gateway/target/sse-gateway.jar --demo", "never ends; DemoIT");
    NOT_RUN.put("java -jar examples/spring-boot", "never ends; GatewayApplicationIT");
    NOT_RUN.put("java -jar gateway/target/sse-gateway.jar --redis", "needs a Redis; RedisNodesIT");
    NOT_RUN.put("java -jar gateway/target/sse-gateway.jar --port", "a measurement");
    NOT_RUN.put(
        "java -jar sse-gateway.jar --tls", "needs a certificate; the tests of TLS make one");
    NOT_RUN.put("java -jar sse-gateway.jar --new-api-key", "never ends; CredentialsIT");
    NOT_RUN.put("java -jar sse-gateway.jar --jwt", "never ends; CredentialsIT, JwtAuthenticatorIT");
    NOT_RUN.put("export SSE_GATEWAY_JWT_SECRET=", "never ends; CredentialsIT");
    NOT_RUN.put("openssl genpkey ", "never ends; JwtAuthenticatorIT makes keys of every kind");
    NOT_RUN.put("b64() ", "needs the secret; CredentialsIT signs the same");
    NOT_RUN.put("signed=", "needs the key; JwtAuthenticatorIT signs the same");
    NOT_RUN.put("curl -s http://127.0.0.1:8080/api/send -H", "needs a key; CredentialsIT");
    NOT_RUN.put("curl -s -X POST -H", "needs a token; CredentialsIT");
    NOT_RUN.put("docker ", "needs Docker; DeployIT checks the files");
    NOT_RUN.put("kubectl ", "needs a cluster; DeployIT checks the files");
    NOT_RUN.put("PROJECT=", "needs a cloud; DeployIT runs Cloud Run's against a stand-in");
    NOT_RUN.put("PUBLISH ", "a command of Redis; the tests of the source send it");
    NOT_RUN.put("XADD ", "a command of Redis; the tests of the source send it");
    NOT_RUN.put("unzip ", "DeployIT and ExecutableIT look into the jar");
  }

  private static final String FRAME =
      """
      import io.ssegateway.dashboard.*;
      import io.ssegateway.engine.*;
      import io.ssegateway.engine.journal.*;
      import io.ssegateway.metrics.*;
      import io.ssegateway.sources.kafka.*;
      import io.ssegateway.sources.pubsub.*;
      import io.ssegateway.sources.redis.*;
      import io.ssegateway.sources.webhook.*;
      import io.ssegateway.storage.chronicle.*;
      import io.ssegateway.storage.redis.*;
      import io.ssegateway.transport.netty.*;
      import java.nio.charset.StandardCharsets;
      import java.util.*;
      class %s {
        Gateway gateway;
        Journal journal;
        String secret;
        KafkaSourceOptions.Builder options;
        void run() throws Exception {
      %s
        }
      }
      """;

  /** A block between fences. */
  private record Block(String file, int line, boolean marked, String language, String text) {
    boolean isShell() {
      return language.equals("bash") || (language.isEmpty() && COMMAND.matcher(text).matches());
    }

    String place() {
      return file + ":" + line;
    }
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(ROOT.resolve("docs"))) {
      paths.filter(path -> path.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    for (String other :
        List.of("README.md", "CONTRIBUTING.md", "examples/README.md", "benchmarks/README.md")) {
      pages.add(ROOT.resolve(other));
    }
    return pages;
  }

  private static List<Block> blocks() throws IOException {
    List<Block> blocks = new ArrayList<>();
    for (Path page : pages()) {
      String text = Files.readString(page);
      Matcher matcher = FENCE.matcher(text);
      while (matcher.find()) {
        blocks.add(
            new Block(
                ROOT.relativize(page).toString(),
                (int) text.substring(0, matcher.start()).lines().count() + 1,
                matcher.group(1) != null,
                matcher.group(2),
                matcher.group(3)));
      }
      assertThat(text.lines().filter(line -> line.startsWith("```")).count())
          .as("fences of %s that were understood", page)
          .isEqualTo(2L * blocks.stream().filter(b -> page.equals(ROOT.resolve(b.file))).count());
    }
    return blocks;
  }

  @Test
  void everyJavaBlockCompiles() throws IOException {
    List<JavaFileObject> sources = new ArrayList<>();
    Map<String, String> places = new LinkedHashMap<>();
    for (Block block : blocks()) {
      if (block.language.equals("java")) {
        String name = "Snippet" + sources.size();
        String text =
            block.text.startsWith(".") ? "options" + block.text.stripTrailing() + ";" : block.text;
        sources.add(new Source(name, FRAME.formatted(name, text)));
        places.put(name, block.place());
      }
    }
    assertThat(sources).hasSizeGreaterThan(8);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
    compiler
        .getTask(
            null,
            null,
            said,
            List.of("-proc:none", "-d", "target", "-Xlint:-options"),
            null,
            sources)
        .call();
    assertThat(said.getDiagnostics())
        .filteredOn(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
        .as("errors, of %s", places)
        .isEmpty();
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  @Test
  void everyCommandIsRunOrSaysWhyNot() throws Exception {
    Set<String> reasonsUsed = new HashSet<>();
    int run = 0;
    try (GatewayProcess gateway = GatewayProcess.start("--port=0", "--journal=memory")) {
      for (Block block : blocks()) {
        if (block.isShell() && block.marked && !RUN_ELSEWHERE.containsKey(block.file)) {
          String command = block.text.replace("127.0.0.1:8080", "127.0.0.1:" + gateway.port());
          String said = Shell.run(Map.of(), "bash", "-c", command);
          assertThat(said).as(block.place()).isNotEmpty().doesNotContain("problem");
          run++;
        } else if (block.isShell() && !block.marked) {
          String reason =
              NOT_RUN.keySet().stream().filter(block.text::startsWith).findFirst().orElse("");
          assertThat(reason)
              .as("a reason not to run %s of %s", block.text, block.place())
              .isNotEmpty();
          reasonsUsed.add(reason);
        }
      }
    }
    assertThat(run).isGreaterThanOrEqualTo(3);
    assertThat(reasonsUsed).as("no reason without a command").isEqualTo(NOT_RUN.keySet());
  }

  @Test
  void whatIsDataParses() throws Exception {
    int parsed = 0;
    for (Block block : blocks()) {
      switch (block.language) {
        case "json" -> {
          try (JsonParser parser = new JsonFactory().createParser(block.text)) {
            while (parser.nextToken() != null) {
              parsed++;
            }
          }
        }
        case "xml" -> {
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(block.text)));
          parsed++;
        }
        case "properties" -> {
          Properties properties = new Properties();
          properties.load(new StringReader(block.text));
          assertThat(properties).as(block.place()).isNotEmpty();
          parsed++;
        }
        case "", "bash", "java", "html", "js" -> {} // elsewhere, or nothing to parse
        default -> throw new AssertionError(block.place() + ": what is " + block.language + "?");
      }
    }
    assertThat(parsed).isPositive();
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    List<String> dead = new ArrayList<>();
    int followed = 0;
    for (Path page : pages()) {
      Matcher matcher = LINK.matcher(FENCE.matcher(Files.readString(page)).replaceAll(""));
      while (matcher.find()) {
        String link = matcher.group(1);
        if (link.startsWith("https://") || link.startsWith("http://")) {
          continue;
        }
        followed++;
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        if (!Files.exists(target) || (parts.length == 2 && !anchors(target).contains(parts[1]))) {
          dead.add(ROOT.relativize(page) + " -> " + link);
        }
      }
    }
    assertThat(followed).isGreaterThan(20);
    assertThat(dead).isEmpty();
  }

  /** The anchors that headings get. */
  private static Set<String> anchors(Path page) throws IOException {
    Set<String> anchors = new HashSet<>();
    FENCE
        .matcher(Files.readString(page, UTF_8))
        .replaceAll("")
        .lines()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+ *", "").toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .forEach(anchors::add);
    return anchors;
  }
}
