package io.ssegateway.gateway;

import io.ssegateway.engine.EngineException;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.gateway.config.ConfigurationLoader;
import io.ssegateway.gateway.config.Settings;
import io.ssegateway.transport.netty.Gateway;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/**
 * Runs the gateway until SIGTERM or SIGINT, which drain it.
 *
 * <p>Exit codes: 0 after a drain that was done in time, 1 if the start or the drain failed, 2 if
 * the configuration is wrong.
 */
public final class Main {
  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int MISCONFIGURED = 2;

  private final PrintStream out;
  private final PrintStream err;

  Main(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** The entry point. */
  public static void main(String[] args) {
    int code = new Main(System.out, System.err).run(args, System.getenv());
    if (code != OK) {
      System.exit(code);
    }
  }

  /** Runs; returns at once if there is only something to show, and else never, unless it fails. */
  int run(String[] args, Map<String, String> environment) {
    Configuration configuration;
    try {
      CommandLineSpec.Arguments arguments = CommandLineSpec.parse(args);
      if (arguments.help()) {
        out.print(CommandLineSpec.help());
        return OK;
      }
      if (arguments.version()) {
        out.println("sse-gateway " + version());
        return OK;
      }
      String newApiKey = arguments.newApiKey();
      if (newApiKey != null) {
        ApiKeyFile.NewKey made = ApiKeyFile.newKey(newApiKey);
        err.println("the key, which is shown only now, for Authorization: Bearer KEY:");
        err.println(made.key());
        out.println(made.line());
        return OK;
      }
      configuration = ConfigurationLoader.load(arguments.settings(), environment, arguments.file());
      if (arguments.printConfig()) {
        out.print(configuration.print());
        return OK;
      }
      LoggingConfigurator.choose(
          configuration.get(Settings.LOG_FORMAT), configuration.get(Settings.LOG_LEVEL));
      return serve(configuration, environment);
    } catch (CommandLine.UnmatchedArgumentException e) {
      err.println("sse-gateway: " + unknown(e.getUnmatched().get(0)));
      err.println("sse-gateway: --help lists all settings");
      return MISCONFIGURED;
    } catch (CommandLine.ParameterException | ConfigurationException e) {
      err.println("sse-gateway: " + e.getMessage());
      err.println("sse-gateway: --help lists all settings");
      return MISCONFIGURED;
    }
  }

  /** What to say of an argument that is none of ours; not its value, which could be a secret. */
  private static String unknown(String argument) {
    String flag = argument.replaceFirst("(?s)=.*", "");
    String name = flag.replaceFirst("^-*", "");
    return "unknown argument "
        + flag
        + ConfigurationLoader.nearest(name)
            .map(nearest -> " (did you mean --" + nearest + "?)")
            .orElse("");
  }

  /** What to do about a start that failed; empty if the failure tells it. */
  private static String advice(Throwable failure, Configuration configuration) {
    String message = String.valueOf(failure.getMessage());
    int port = configuration.get(Settings.PORT);
    if (message.contains("in use") && message.startsWith("cannot listen")) {
      return "; another program has the port: end it (ss -ltnp 'sport = :"
          + port
          + "' tells which), or choose another port, such as --port="
          + (port < 65535 ? port + 1 : 8080)
          + ", or 0 for any free one";
    }
    if (message.contains("ermission denied") && message.startsWith("cannot listen")) {
      return "; ports below 1024 are for root unless the system allows them"
          + " (AmbientCapabilities=CAP_NET_BIND_SERVICE in a systemd unit)";
    }
    return "";
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private int serve(Configuration configuration, Map<String, String> environment) {
    Logger log = LoggerFactory.getLogger("sse-gateway");
    AuthWiring auth = AuthWiring.of(configuration);
    Gateway gateway;
    try {
      gateway = Wiring.gateway(configuration, auth);
      gateway.start();
    } catch (IOException | EngineException | JournalException e) {
      log.error("cannot start: {}{}", e.getMessage(), advice(e, configuration));
      log.debug("cannot start", e);
      return FAILED;
    }
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> shutDown(gateway, log), "sse-gateway-shutdown"));
    IdleHeapRelease.start(configuration.get(Settings.IDLE_HEAP_RELEASE));
    announce(gateway, configuration, auth, log, environment);
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return OK;
  }

  private static void announce(
      Gateway gateway,
      Configuration configuration,
      AuthWiring auth,
      Logger log,
      Map<String, String> environment) {
    String sources =
        gateway.engine().sources().stream()
            .map(MessageSource::name)
            .collect(Collectors.joining(", "));
    String address = gateway.address().getAddress().getHostAddress();
    String host = address.contains(":") ? "[" + address + "]" : address;
    String url = (gateway.usesTls() ? "https://" : "http://") + host + ":" + gateway.port();
    log.info(
        "sse-gateway {} listens on {} (transport {}, journal {}, epoch {}, sources {})",
        version(),
        url,
        lower(gateway.transport()),
        gateway.engine().journal().name(),
        gateway.engine().journal().epoch(),
        sources.isEmpty() ? "http" : "http, " + sources);
    auth.announce(log);
    if (auth.hasCredentials()) {
      return;
    }
    if (configuration.get(Settings.DEMO)) {
      String page = url + DemoWiring.PAGE;
      boolean shown = DesktopBrowser.open(page, environment);
      log.info("look: {} {} in a browser", shown ? "opening" : "open", page);
      log.info("try: curl -N '{}/sse/connect?channel_id={}'", url, DemoSource.ORDERS);
      return;
    }
    log.info("try: curl -N '{}/sse/connect?channel_id=hello'", url);
    log.info("then: curl {}/api/send -d '{\"channel_id\":\"hello\",\"data\":\"world\"}'", url);
  }

  /** The exit code of a JVM that was ended by a signal is the signal's, unless it is halted. */
  private static void shutDown(Gateway gateway, Logger log) {
    log.info("draining: no new streams, sources stop, streams are ended");
    boolean drained = gateway.drain();
    gateway.close();
    if (drained) {
      log.info("drained; bye");
    } else {
      log.warn("not everything could be drained in time; bye");
    }
    Runtime.getRuntime().halt(drained ? OK : FAILED);
  }

  private static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
