package io.ssegateway.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Shows a page in the browser of the desktop that the gateway was started from, if there is one.
 * Stateless.
 */
final class DesktopBrowser {
  private DesktopBrowser() {}

  /**
   * Opens a page; does nothing where no desktop is, and never fails.
   *
   * @return whether something was asked to open it
   */
  static boolean open(String url, Map<String, String> environment) {
    Optional<List<String>> command = command(url, System.getProperty("os.name", ""), environment);
    if (command.isEmpty()) {
      return false;
    }
    ProcessBuilder builder =
        new ProcessBuilder(command.get())
            .redirectInput(ProcessBuilder.Redirect.from(nothing()))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      builder.start();
      return true;
    } catch (IOException e) {
      return false; // the page is named in the log, too
    }
  }

  /** What opens a page on this system; empty if there is no desktop to open it on. */
  static Optional<List<String>> command(
      String url, String system, Map<String, String> environment) {
    String name = system.toLowerCase(Locale.ROOT);
    if (name.startsWith("windows")) {
      return Optional.of(List.of("rundll32", "url.dll,FileProtocolHandler", url));
    }
    if (environment.containsKey("SSH_CONNECTION") || environment.containsKey("CI")) {
      return Optional.empty(); // nobody looks at the screen of this machine
    }
    if (name.startsWith("mac")) {
      return Optional.of(List.of("open", url));
    }
    boolean display =
        !environment.getOrDefault("DISPLAY", "").isEmpty()
            || !environment.getOrDefault("WAYLAND_DISPLAY", "").isEmpty();
    return display
        ? onPath("xdg-open", environment).map(program -> List.of(program, url))
        : Optional.empty();
  }

  private static Optional<String> onPath(String program, Map<String, String> environment) {
    for (String directory : environment.getOrDefault("PATH", "").split(":", -1)) {
      Path file = Path.of(directory, program);
      if (!directory.isEmpty() && Files.isExecutable(file)) {
        return Optional.of(file.toString());
      }
    }
    return Optional.empty();
  }

  private static java.io.File nothing() {
    return new java.io.File(
        System.getProperty("os.name", "").startsWith("Windows") ? "NUL" : "/dev/null");
  }
}
