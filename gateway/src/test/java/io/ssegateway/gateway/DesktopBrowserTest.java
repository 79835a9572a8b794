package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DesktopBrowserTest {
  private static final String URL = "http://127.0.0.1:8080/demo";

  @TempDir Path directory;

  private String xdgOpen() throws Exception {
    Path program = Files.writeString(directory.resolve("xdg-open"), "#!/bin/sh\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return program.toString();
  }

  @Test
  void xdgOpenShowsThePageWhereThereIsADisplay() throws Exception {
    String program = xdgOpen();
    String path = "/nowhere::" + directory;
    for (String display : List.of("DISPLAY", "WAYLAND_DISPLAY")) {
      assertThat(DesktopBrowser.command(URL, "Linux", Map.of("PATH", path, display, ":0")))
          .contains(List.of(program, URL));
    }
  }

  @Test
  void nothingIsOpenedWithoutADisplayOrAProgramOrSomebodyAtTheScreen() throws Exception {
    String path = Path.of(xdgOpen()).getParent().toString();

    assertThat(DesktopBrowser.command(URL, "Linux", Map.of("PATH", path))).isEmpty();
    assertThat(DesktopBrowser.command(URL, "Linux", Map.of("PATH", path, "DISPLAY", ""))).isEmpty();
    assertThat(DesktopBrowser.command(URL, "Linux", Map.of("PATH", "/nowhere", "DISPLAY", ":0")))
        .isEmpty();
    for (String name : List.of("SSH_CONNECTION", "CI")) {
      assertThat(
              DesktopBrowser.command(
                  URL, "Linux", Map.of("PATH", path, "DISPLAY", ":0", name, "1")))
          .isEmpty();
    }
  }

  @Test
  void macAndWindowsHaveProgramsOfTheirOwn() {
    assertThat(DesktopBrowser.command(URL, "Mac OS X", Map.of())).contains(List.of("open", URL));
    assertThat(DesktopBrowser.command(URL, "Windows 11", Map.of()).orElseThrow())
        .startsWith("rundll32")
        .endsWith(URL);
  }
}
