package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The system's Chromium, driven by Playwright: one process for all test classes that register this.
 * Nothing is ever downloaded. Where there is no Chromium the class is skipped, unless {@code
 * SSE_GATEWAY_REQUIRE_OPTIONAL=true} makes that a failure.
 */
final class Chromium implements BeforeAllCallback {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome-stable", "google-chrome");

  private @Nullable Browser browser;

  /** What is closed with the last test. */
  private record Running(Playwright playwright, Browser browser) implements AutoCloseable {
    static Running start() {
      Playwright playwright =
          Playwright.create(
              new Playwright.CreateOptions()
                  .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
      boolean root = "root".equals(System.getProperty("user.name"));
      return new Running(
          playwright,
          playwright
              .chromium()
              .launch(
                  new BrowserType.LaunchOptions()
                      .setExecutablePath(executable())
                      .setChromiumSandbox(!root)
                      .setArgs(List.of("--disable-dev-shm-usage"))));
    }

    @Override
    public void close() {
      playwright.close();
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    browser =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.create(Chromium.class))
            .getOrComputeIfAbsent("browser", key -> Running.start(), Running.class)
            .browser();
  }

  /** The browser. */
  Browser browser() {
    return java.util.Objects.requireNonNull(browser, "registered as an extension");
  }

  private static Path executable() {
    for (String directory : System.getenv("PATH").split(java.io.File.pathSeparator, -1)) {
      for (String name : NAMES) {
        Path program = Path.of(directory, name);
        if (Files.isExecutable(program)) {
          return program;
        }
      }
    }
    String missing = "no Chromium on the path (one of " + String.join(", ", NAMES) + ")";
    if ("true".equals(System.getenv("SSE_GATEWAY_REQUIRE_OPTIONAL"))) {
      return fail(missing + ", and SSE_GATEWAY_REQUIRE_OPTIONAL=true");
    }
    return abort(missing);
  }
}
