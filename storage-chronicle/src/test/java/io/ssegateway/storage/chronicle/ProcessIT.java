package io.ssegateway.storage.chronicle;

import static io.ssegateway.storage.chronicle.Journals.append;
import static io.ssegateway.storage.chronicle.Journals.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.journal.JournalException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The journal among processes, and what a process with a journal leaves alone. */
class ProcessIT {
  private static final boolean REQUIRED =
      "true".equals(System.getenv("SSE_GATEWAY_REQUIRE_OPTIONAL"));

  @TempDir Path directory;

  private ChildJvm publisher(List<String> prefix, List<String> options, Path home) {
    return ChildJvm.start(prefix, options, ChildPublisher.class, home.toString(), "0");
  }

  @Test
  void aSecondProcessIsRefusedAtOnce() {
    try (ChildJvm child = publisher(List.of(), List.of(), directory)) {
      child.awaitLine("ack ");
      Assertions.assertTimeout(
          Duration.ofSeconds(2),
          () ->
              assertThatThrownBy(() -> ChronicleJournal.open(Journals.small(directory).build()))
                  .isInstanceOf(JournalException.class)
                  .hasMessageContaining(directory.toString())
                  .hasMessageContaining("in use by process " + child.process().pid())
                  .hasMessageContaining("stop the other one"));
      child.kill();
    }
    try (ChronicleJournal journal = ChronicleJournal.open(Journals.small(directory).build())) {
      assertThat(read(journal, 0, "c1").data()).isNotEmpty();
    }
  }

  /** A refusal inside the process must not give up the lock against others. */
  @Test
  void aSecondJournalInTheProcessIsRefusedAndTheLockStays() {
    try (ChronicleJournal journal = ChronicleJournal.open(Journals.small(directory).build())) {
      assertThatThrownBy(() -> ChronicleJournal.open(Journals.small(directory).build()))
          .isInstanceOf(JournalException.class)
          .hasMessageContaining("another journal of this process");
      try (ChildJvm child = publisher(List.of(), List.of(), directory)) {
        assertThat(child.awaitLine("failed "))
            .contains("in use by process " + ProcessHandle.current().pid());
      }
      append(journal, "a", "still here");
    }
  }

  /** As in a container, where the process has the number 1 each time. */
  @Test
  void aRestartWithTheSameProcessNumberIsNotTakenForTheProcessThatDied() {
    List<String> namespace = List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");
    assumeWorks(namespace);
    List<String> pids = new ArrayList<>();
    for (int start = 0; start < 2; start++) {
      try (ChildJvm child = publisher(namespace, List.of(), directory)) {
        pids.add(child.awaitLine("pid "));
        String opened = child.awaitLine("opened ");
        assertThat(Long.parseLong(opened.substring("opened ".length()))).isLessThan(10_000);
        child.awaitLine("ack ");
        child.kill();
      }
      awaitUnlocked(); // what was killed is the child's parent, which takes it along
    }
    assertThat(pids).containsExactly("pid 1", "pid 1");
    try (ChronicleJournal journal = ChronicleJournal.open(Journals.small(directory).build())) {
      assertThat(read(journal, 0, "c1").data()).filteredOn("0"::equals).hasSize(2); // two starts
    }
  }

  private void awaitUnlocked() {
    Awaitility.await("the lock goes with the process")
        .ignoreExceptionsInstanceOf(JournalException.class)
        .until(
            () -> {
              DirectoryLock.take(directory).close();
              return true;
            });
  }

  private static void assumeWorks(List<String> prefix) {
    List<String> command = new ArrayList<>(prefix);
    command.add("true");
    assumeRuns(command);
  }

  private static void assumeRuns(List<String> command) {
    boolean works;
    try {
      works = new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      works = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      works = false;
    }
    if (REQUIRED) {
      assertThat(works).as("%s works", command).isTrue();
    }
    Assumptions.assumeTrue(works, command + " does not work here");
  }

  @Test
  void nothingIsReportedToAnybodyAndNothingIsLeftInTheHome() throws Exception {
    Path home = Files.createDirectory(directory.resolve("home"));
    Path data = Files.createDirectory(directory.resolve("data"));
    try (ChildJvm child = publisher(List.of(), List.of("-Duser.home=" + home), data)) {
      child.awaitLine("ack ");
      Path proc = Path.of("/proc", Long.toString(child.process().pid()));
      long deadline = System.nanoTime() + Duration.ofSeconds(2).toNanos();
      int looks = 0;
      while (System.nanoTime() < deadline) {
        assertThat(child.readLine()).isNotNull(); // it goes on
        if (looks++ % 200 == 0) {
          assertThat(sockets(proc)).as("sockets").isEmpty();
        }
      }
      assertThat(looks).isGreaterThan(200);
    }
    try (Stream<Path> left = Files.walk(home)) {
      assertThat(left).containsExactly(home);
    }
  }

  /** The process's Internet sockets: what its descriptors and the kernel's tables share. */
  private static List<String> sockets(Path proc) throws IOException {
    List<String> known = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6", "udp", "udp6", "raw", "raw6")) {
      for (String line : Files.readAllLines(proc.resolve("net").resolve(table))) {
        String[] columns = line.trim().split("\\s+", -1);
        known.add("socket:[" + columns[Math.min(9, columns.length - 1)] + "]");
      }
    }
    List<String> sockets = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(proc.resolve("fd"))) {
      for (Path descriptor : (Iterable<Path>) descriptors::iterator) {
        String target = target(descriptor);
        if (known.contains(target)) {
          sockets.add(target);
        }
      }
    }
    return sockets;
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // closed in the meantime
    }
  }

  @Test
  void anInternetSocketWouldBeSeen() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(server.isBound()).isTrue();
      assertThat(sockets(Path.of("/proc/self"))).isNotEmpty();
    }
  }

  /** On a real file system that is really full; what was acknowledged is there afterwards. */
  @ParameterizedTest(name = "guard of {0} bytes")
  @ValueSource(ints = {4 * 1024 * 1024, 0})
  void onASmallDiskAppendsAreRefusedInTimeAndGoOnWhenThereIsRoom(int guard) throws Exception {
    Path mount = Files.createDirectory(directory.resolve("small"));
    assumeRuns(List.of("mount", "-t", "tmpfs", "-o", "size=24m", "none", mount.toString()));
    try {
      Files.write(mount.resolve("filler"), new byte[12 * 1024 * 1024]);
      long next;
      try (ChildJvm child =
          ChildJvm.start(
              List.of(),
              ChildPublisher.class,
              mount.resolve("data").toString(),
              "0",
              Integer.toString(guard))) {
        child.awaitLine("opened ");
        long acknowledged = -1;
        String line = child.readLine();
        while (!line.startsWith("refused ")) {
          if (line.startsWith("ack ")) {
            acknowledged = Long.parseLong(line.split(" ", -1)[1]);
          }
          line = child.readLine();
        }
        assertThat(line)
            .contains("JOURNAL_FULL")
            .contains(guard > 0 ? "disk nearly full" : "disk full");
        assertThat(Files.getFileStore(mount).getUsableSpace()).isGreaterThanOrEqualTo(guard / 2);
        Files.delete(mount.resolve("filler"));
        line = child.awaitLine("ack ");
        next = Long.parseLong(line.split(" ", -1)[1]);
        assertThat(next).isGreaterThan(acknowledged);
        child.kill();
        assertEverythingUpTo(acknowledged, mount.resolve("data"), next);
      }
    } finally {
      assertThat(new ProcessBuilder("umount", "-l", mount.toString()).start().waitFor()).isZero();
    }
  }

  private static void assertEverythingUpTo(long acknowledged, Path data, long next) {
    try (ChronicleJournal journal = ChronicleJournal.open(Journals.small(data).build())) {
      List<String> c1 = read(journal, 0, "c1").data();
      for (long number = 0; number <= acknowledged; number++) {
        if ("c1".equals(ChildPublisher.channel(number))) {
          assertThat(c1).contains(Long.toString(number));
        }
      }
      if (ChildPublisher.channel(next) == null || "c1".equals(ChildPublisher.channel(next))) {
        assertThat(c1).contains(Long.toString(next));
      }
    }
  }
}
