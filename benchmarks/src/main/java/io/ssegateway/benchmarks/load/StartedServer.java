package io.ssegateway.benchmarks.load;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A server that was started to be measured, in a directory of its own that goes with it. */
final class StartedServer implements Server {
  private static final Path NCHAN = Path.of("/usr/lib/nginx/modules/ngx_nchan_module.so");
  private static final long START_MS = 30_000;

  private final String name;
  private final Target target;
  private final Process process;
  private final Path directory;

  private StartedServer(String name, Target target, Process process, Path directory) {
    this.name = name;
    this.target = target;
    this.process = process;
    this.directory = directory;
  }

  /**
   * Starts a gateway and waits until it answers.
   *
   * @param name of the report
   * @param jvm the {@code java} to run
   * @param jvmOptions its options
   * @param jar the gateway's
   * @param arguments further settings; the port, the log level and the data directory are set here
   */
  static StartedServer gateway(
      String name, String jvm, List<String> jvmOptions, Path jar, List<String> arguments)
      throws IOException, InterruptedException {
    if (!Files.isRegularFile(jar)) {
      throw new IOException("gateway: " + jar + " is no file (expected: the jar; build it first)");
    }
    Path directory = Files.createTempDirectory("sse-load-");
    InetSocketAddress address = freeAddress();
    List<String> command = new ArrayList<>();
    command.add(jvm);
    command.addAll(jvmOptions);
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(List.of("--port", Integer.toString(address.getPort()), "--log-level", "warn"));
    command.addAll(List.of("--data-dir", directory.resolve("data").toString()));
    command.addAll(arguments);
    return start(name, Target.gateway(address), command, directory);
  }

  /** Starts nginx with nchan, one worker; null where they are not installed. */
  static @Nullable StartedServer nchan() throws IOException, InterruptedException {
    if (!Files.isExecutable(Path.of("/usr/sbin/nginx")) || !Files.exists(NCHAN)) {
      return null;
    }
    Path directory = Files.createTempDirectory("sse-load-");
    InetSocketAddress address = freeAddress();
    Path file = directory.resolve("nginx.conf");
    Files.writeString(file, nchanConfiguration(address.getPort()));
    Target target =
        new Target(
            address,
            "/sub?id={channel}",
            "/pub?id={channel}",
            "text/plain; charset=utf-8",
            "{data}");
    List<String> command =
        List.of("/usr/sbin/nginx", "-c", file.toString(), "-p", directory + File.separator);
    return start("nchan", target, command, directory);
  }

  private static String nchanConfiguration(int port) {
    String user = "root".equals(System.getProperty("user.name")) ? "user root;\n" : "";
    return "load_module "
        + NCHAN
        + ";\n"
        + user
        + """
        daemon off; worker_processes 1; pid nginx.pid; error_log error.log warn;
        worker_rlimit_nofile 30000;
        events { worker_connections 30000; multi_accept on; use epoll; }
        http {
          access_log off; tcp_nodelay on; client_max_body_size 1m; client_body_buffer_size 128k;
          keepalive_requests 100000000; keepalive_timeout 3600s;
          client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
          uwsgi_temp_path t4; scgi_temp_path t5;
          nchan_shared_memory_size 512M;
          server {
            listen 127.0.0.1:%d backlog=4096;
            location = /sub {
              nchan_subscriber eventsource; nchan_channel_id $arg_id;
              nchan_subscriber_first_message newest;
            }
            location = /pub {
              nchan_publisher; nchan_channel_id $arg_id;
              nchan_message_buffer_length 100; nchan_message_timeout 10m;
            }
          }
        }
        """
            .formatted(port);
  }

  private static InetSocketAddress freeAddress() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }
  }

  private static StartedServer start(
      String name, Target target, List<String> command, Path directory)
      throws IOException, InterruptedException {
    Path log = directory.resolve("server.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    StartedServer server = new StartedServer(name, target, process, directory);
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MS);
    while (!listens(target.address())) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        String said = Files.readString(log);
        server.close();
        throw new IOException(name + " does not listen at " + target.address() + ": " + said);
      }
      Thread.sleep(50);
    }
    return server;
  }

  private static boolean listens(InetSocketAddress address) {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Target target() {
    return target;
  }

  @Override
  public List<Long> pids() {
    return List.of(process.pid());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
