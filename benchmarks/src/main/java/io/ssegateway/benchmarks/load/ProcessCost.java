package io.ssegateway.benchmarks.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process and its children have taken so far, by Linux's {@code /proc} (see proc(5)).
 *
 * @param cpuNs processor time, in ns; the kernel counts in hundredths of a second
 * @param residentKb memory that is resident, in KiB
 */
record ProcessCost(long cpuNs, long residentKb) {
  private static final long NS_PER_TICK = 10_000_000; // USER_HZ is 100 on every Linux of today

  /** Asks for the processes, and all that descend from them. */
  static ProcessCost of(List<Long> pids) throws IOException {
    List<Long> all = new ArrayList<>(pids);
    for (long pid : pids) {
      try (Stream<ProcessHandle> children =
          ProcessHandle.of(pid).map(ProcessHandle::descendants).orElse(Stream.empty())) {
        children.forEach(child -> all.add(child.pid()));
      }
    }
    long ticks = 0;
    long kb = 0;
    for (long pid : all.stream().distinct().toList()) {
      try {
        ticks += ticks(pid);
        kb += residentKb(pid);
      } catch (NoSuchFileException e) {
        // it has ended meanwhile
      }
    }
    return new ProcessCost(ticks * NS_PER_TICK, kb);
  }

  private static long ticks(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]); // utime and stime
  }

  private static long residentKb(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    return 0;
  }
}
