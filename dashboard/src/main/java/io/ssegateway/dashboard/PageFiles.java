package io.ssegateway.dashboard;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The page and what it loads, out of the jar. Immutable and thread-safe. */
final class PageFiles {
  private static final String HERE = "/io/ssegateway/dashboard/";

  private static final List<String> OWN =
      List.of(
          "api.js",
          "app.js",
          "channels.js",
          "connections.js",
          "dashboard.css",
          "dom.js",
          "format.js",
          "history.js",
          "icon.svg",
          "messages.js",
          "overview.js",
          "plots.js",
          "table.js");

  private static final List<String> OF_UPLOT = List.of("uPlot.iife.min.js", "uPlot.min.css");

  private static final Map<String, String> CONTENT_TYPES =
      Map.of(
          "css", "text/css; charset=utf-8",
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  /**
   * A file as it is sent.
   *
   * @param etag quoted, as it stands in the header
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record File(String contentType, String etag, byte[] content) {
    static File of(String name, byte[] content) {
      String type = CONTENT_TYPES.get(name.substring(name.lastIndexOf('.') + 1));
      if (type == null) {
        throw new IllegalStateException("file: " + name + " (expected: a known extension)");
      }
      return new File(type, '"' + hash(content) + '"', content);
    }
  }

  private final File page;
  private final String hash;
  private final Map<String, File> files;

  private PageFiles(File page, String hash, Map<String, File> files) {
    this.page = page;
    this.hash = hash;
    this.files = files;
  }

  /**
   * Reads all files.
   *
   * @throws IllegalStateException if one is not on the class path
   */
  static PageFiles load() {
    Map<String, File> files = new LinkedHashMap<>();
    for (String name : OWN) {
      files.put(name, File.of(name, read(HERE + name)));
    }
    String uplot = "/META-INF/resources/webjars/uplot/" + version() + "/dist/";
    for (String name : OF_UPLOT) {
      files.put(name, File.of(name, read(uplot + name)));
    }
    MessageDigest all = sha256();
    files.values().forEach(file -> all.update(file.content));
    String hash = hex(all.digest());
    String page =
        new String(read(HERE + "index.html"), StandardCharsets.UTF_8)
            .replace("{files}", "dashboard/" + hash);
    return new PageFiles(
        File.of("index.html", page.getBytes(StandardCharsets.UTF_8)), hash, Map.copyOf(files));
  }

  /** The page, with the addresses of the files in it. */
  File page() {
    return page;
  }

  /** What all files but the page add up to, for their address. */
  String hash() {
    return hash;
  }

  @Nullable File find(String name) {
    return files.get(name);
  }

  /** The version of uPlot's webjar, which stands in the path of its files. */
  private static String version() {
    Properties versions = new Properties();
    try (InputStream in = new ByteArrayInputStream(read(HERE + "webjars.properties"))) {
      versions.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of a buffer in memory
    }
    return versions.getProperty("uplot");
  }

  private static String hash(byte[] content) {
    return hex(sha256().digest(content));
  }

  private static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest, 0, 10);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  private static byte[] read(String resource) {
    try (InputStream in = PageFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
