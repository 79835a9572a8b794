package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The modules' jars as an embedding program finds them on its module path, and the BOM. */
class PublishedModulesIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** Where the way to a bare epoll socket has to be. */
  private static final String NETTYS_OWN = "io.netty.channel.epoll";

  private static final Pattern ARTIFACT =
      Pattern.compile("<artifactId>(sse-gateway-[a-z-]+)</artifactId>");
  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
  private static final Pattern VERSION = Pattern.compile("<version>([^<]+)</version>");

  private static final Pattern MODULE_INFO = Pattern.compile("(?s)module (com[a-z.]+) \\{.*?\n}\n");
  private static final Pattern ADD_OPENS = Pattern.compile("--add-opens \\S+=org\\.agrona");

  /** Says that it cannot be built, or what it has heard. */
  private static final String PROGRAM =
      """
      package app;

      import io.ssegateway.engine.Engine;
      import io.ssegateway.engine.EngineException;
      import io.ssegateway.engine.Message;
      import java.util.List;
      import java.util.concurrent.CountDownLatch;

      public class Main {
        public static void main(String[] arguments) throws InterruptedException {
          CountDownLatch heard = new CountDownLatch(1);
          try (Engine engine = Engine.builder().build()) {
            engine.start();
            engine.subscribe(
                List.of("news"),
                null,
                event -> {
                  System.out.println("heard " + event.data());
                  heard.countDown();
                  return true;
                });
            engine.publisher().publish(Message.of("news", "hello"));
            heard.await();
          } catch (EngineException e) {
            System.out.println(e.getMessage());
          }
        }
      }
      """;

  @TempDir Path directory;

  /** The jars of our modules that this module was built with. */
  private static List<Path> jars() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(path -> path.getFileName().toString().matches("sse-gateway-.*\\.jar"))
        .filter(path -> !path.getFileName().toString().endsWith("-tests.jar"))
        .toList();
  }

  private static ModuleDescriptor descriptor(Path jar) {
    return ModuleFinder.of(jar).findAll().iterator().next().descriptor();
  }

  @Test
  void everyJarIsAModuleNamedAsItsPackages() {
    List<ModuleDescriptor> modules = jars().stream().map(PublishedModulesIT::descriptor).toList();

    assertThat(modules).hasSizeGreaterThan(10);
    assertThat(modules.stream().map(ModuleDescriptor::name)).doesNotHaveDuplicates();
    assertThat(modules.stream().flatMap(module -> module.packages().stream()))
        .as("a package of two modules could not be loaded from the module path")
        .doesNotHaveDuplicates();
    for (ModuleDescriptor module : modules) {
      assertThat(module.packages())
          .as(module.name())
          .isNotEmpty()
          .filteredOn(name -> !name.equals(NETTYS_OWN))
          .allSatisfy(name -> assertThat(name + ".").startsWith(module.name() + "."));
    }
    assertThat(modules)
        .as("cannot stand on the module path, as docs/embedding.md says")
        .filteredOn(module -> module.packages().contains(NETTYS_OWN))
        .extracting(ModuleDescriptor::name)
        .containsExactly("io.ssegateway.transport.netty");
  }

  @Test
  void aProgramOnTheModulePathRunsTheEngineAsTheDocumentationSays() throws Exception {
    String page = Files.readString(ROOT.resolve("docs/embedding.md"));
    Matcher module = MODULE_INFO.matcher(page);
    assertThat(module.find()).isTrue();
    Path sources = Files.createDirectories(directory.resolve("src/" + module.group(1)));
    Files.writeString(sources.resolve("module-info.java"), module.group());
    Path main = Files.createDirectories(sources.resolve("app")).resolve("Main.java");
    Files.writeString(main, PROGRAM);
    String modulePath = libraries("sse-gateway-engine", "disruptor", "agrona", "slf4j-api");
    String bin = GatewayProcess.java().getParent().toString();
    Path classes = directory.resolve("classes");

    Shell.run(
        Map.of(),
        bin + "/javac",
        "-Werror",
        "-Xlint:all,-requires-automatic", // all that has no module-info is automatic
        "-d",
        classes.toString(),
        "--module-path",
        modulePath,
        "--module-source-path",
        sources.getParent().toString(),
        "--module",
        module.group(1));
    List<String> run =
        List.of("--module-path", classes + File.pathSeparator + modulePath, "--module");
    String start = module.group(1) + "/app.Main";

    Matcher flag = ADD_OPENS.matcher(page);
    assertThat(flag.find()).isTrue();
    List<String> command = new ArrayList<>(List.of(bin + "/java"));
    command.addAll(run);
    command.add(start);
    assertThat(Shell.run(Map.of(), command.toArray(String[]::new)))
        .as("what to do, where the flag is missing")
        .contains("needs: " + flag.group());

    command.addAll(1, List.of(flag.group().split(" ", -1)));
    assertThat(Shell.run(Map.of(), command.toArray(String[]::new))).contains("heard hello");
  }

  /** Jars of the class path of this test, by the beginnings of their names. */
  private static String libraries(String... names) {
    List<String> found =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(
                path ->
                    Arrays.stream(names)
                        .anyMatch(
                            name ->
                                Path.of(path).getFileName().toString().matches(name + "-[0-9].*")))
            .toList();
    assertThat(found).hasSize(names.length);
    return String.join(File.pathSeparator, found);
  }

  @Test
  void theBomListsEveryModuleThatCanBeEmbeddedInThisVersion() throws IOException {
    String bom = Files.readString(ROOT.resolve("bom/pom.xml"));
    Set<String> listed =
        ARTIFACT.matcher(bom).results().map(m -> m.group(1)).collect(Collectors.toSet());
    assertThat(listed.remove("sse-gateway-bom")).isTrue();

    Set<String> embeddable = new TreeSet<>();
    addDeployed(ROOT, embeddable);
    assertThat(embeddable.remove("sse-gateway-gateway")).as("the executable").isTrue();
    assertThat(listed).isEqualTo(embeddable);
    assertThat(firstVersion(bom))
        .isEqualTo(firstVersion(Files.readString(ROOT.resolve("pom.xml"))));
  }

  /** Adds the jars that the modules below a directory deploy. */
  private static void addDeployed(Path directory, Set<String> artifacts) throws IOException {
    String pom = Files.readString(directory.resolve("pom.xml"));
    List<String> modules = MODULE.matcher(pom).results().map(m -> m.group(1)).toList();
    for (String module : modules) {
      addDeployed(directory.resolve(module), artifacts);
    }
    boolean deployed = !pom.contains("<maven.deploy.skip>true<");
    if (deployed && !pom.contains("<packaging>pom<")) {
      String own = pom.substring(pom.indexOf("</parent>"));
      artifacts.add(ARTIFACT.matcher(own).results().findFirst().orElseThrow().group(1));
    }
  }

  private static String firstVersion(String pom) {
    Matcher matcher = VERSION.matcher(pom);
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }
}
