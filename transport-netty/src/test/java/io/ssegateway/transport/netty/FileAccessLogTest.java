package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The access log in a file, and what becomes of it when the file is moved away. */
class FileAccessLogTest {
  private long nowNs;
  @TempDir Path directory;

  private FileAccessLog open(Path file) throws IOException {
    return new FileAccessLog(file, AccessLogFormat.COMBINED, () -> nowNs);
  }

  private static AccessLogEntry entry(String path) {
    return new AccessLogEntry(0, 0, "::1", null, "HTTP/1.1", "GET", path, 200, 0, null, null, null);
  }

  @Test
  void itIsAppendedToAndOthersMayNotRead() throws Exception {
    Path file = directory.resolve("access.log");
    for (String path : new String[] {"/one", "/two"}) {
      FileAccessLog log = open(file);
      log.write(entry(path));
      log.close();
    }

    assertThat(Files.readAllLines(file))
        .satisfiesExactly(
            line -> assertThat(line).contains("GET /one "),
            line -> assertThat(line).contains("GET /two "));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .endsWith("---")
        .startsWith("rw-");
  }

  @Test
  void aFileThatWasMovedAwayIsBegunAnew() throws Exception {
    Path file = directory.resolve("access.log");
    Path moved = directory.resolve("access.log.1");
    FileAccessLog log = open(file);
    log.write(entry("/one"));
    log.flush();
    Files.move(file, moved);
    log.write(entry("/two"));
    nowNs += TimeUnit.SECONDS.toNanos(1);
    log.write(entry("/three"));
    log.flush();

    assertThat(Files.readAllLines(moved)).hasSize(2);
    assertThat(Files.readAllLines(file))
        .singleElement()
        .satisfies(line -> assertThat(line).contains("GET /three "));
    log.close();
  }

  @Test
  void aFileThatCannotBeOpenedIsToldAtOnce() {
    assertThatIOException().isThrownBy(() -> open(directory.resolve("no/such/directory")));
  }

  @Test
  void itComesBackWhenItsDirectoryDoes() throws Exception {
    Path inner = Files.createDirectory(directory.resolve("logs"));
    Path file = inner.resolve("access.log");
    FileAccessLog log = open(file);
    Files.delete(file);
    Files.delete(inner);
    nowNs += TimeUnit.SECONDS.toNanos(1);
    assertThatIOException().isThrownBy(() -> log.write(entry("/lost")));

    Files.createDirectory(inner);
    log.write(entry("/found"));
    log.close();

    assertThat(Files.readAllLines(file))
        .singleElement()
        .satisfies(line -> assertThat(line).contains("GET /found "));
  }
}
