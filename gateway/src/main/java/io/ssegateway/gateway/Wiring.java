package io.ssegateway.gateway;

import io.ssegateway.dashboard.Dashboard;
import io.ssegateway.engine.EngineOptions;
import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.gateway.config.LogFormat;
import io.ssegateway.gateway.config.Settings;
import io.ssegateway.transport.netty.AccessLog;
import io.ssegateway.transport.netty.AccessLogFormat;
import io.ssegateway.transport.netty.Gateway;
import io.ssegateway.transport.netty.GatewayOptions;
import java.io.IOException;
import java.nio.file.Path;

/** Builds the parts that a configuration asks for. Stateless. */
final class Wiring {
  private Wiring() {}

  /**
   * Builds a gateway; nothing runs yet.
   *
   * @param auth who may do what
   * @throws ConfigurationException if settings do not fit each other
   */
  static Gateway gateway(Configuration configuration, AuthWiring auth) {
    try {
      EngineOptions engineOptions = engineOptions(configuration);
      GatewayOptions gatewayOptions = gatewayOptions(configuration);
      Gateway.Builder gateway =
          Gateway.builder().options(gatewayOptions).engineOptions(engineOptions);
      NetworkWiring.configure(configuration, gateway);
      accessLog(configuration, gateway);
      auth.configure(gateway);
      SourceWiring.addSources(configuration, gateway);
      DemoWiring.add(configuration, gateway);
      PresenceWiring.addTo(configuration, gateway);
      MetricsWiring metrics = MetricsWiring.add(configuration.get(Settings.METRICS), gateway);
      if (configuration.get(Settings.DASHBOARD)) {
        Dashboard.addTo(gateway);
      }
      Gateway built = gateway.journal(JournalWiring.journal(configuration)).build();
      metrics.bind(built);
      return built;
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new ConfigurationException(String.valueOf(e.getMessage()));
    }
  }

  private static void accessLog(Configuration configuration, Gateway.Builder gateway) {
    String where = configuration.get(Settings.ACCESS_LOG);
    boolean json = configuration.get(Settings.LOG_FORMAT) == LogFormat.JSON;
    switch (where) {
      case "off" -> {}
      case "log" -> gateway.accessLog(AccessLog.toLogger(AccessLogFormat.COMBINED));
      default -> {
        try {
          gateway.accessLog(
              AccessLog.toFile(
                  Path.of(where), json ? AccessLogFormat.JSON : AccessLogFormat.COMBINED));
        } catch (IOException e) {
          throw new ConfigurationException("access-log: cannot open \"" + where + "\": " + e);
        }
      }
    }
  }

  private static GatewayOptions gatewayOptions(Configuration configuration) {
    GatewayOptions.Builder options =
        GatewayOptions.DEFAULTS.toBuilder()
            .host(configuration.get(Settings.HOST))
            .port(configuration.get(Settings.PORT))
            .transport(configuration.get(Settings.TRANSPORT))
            .maxConnections(configuration.get(Settings.MAX_CONNECTIONS))
            .maxChannelsPerConnection(configuration.get(Settings.MAX_CHANNELS_PER_CONNECTION))
            .maxPendingBytes(Math.toIntExact(configuration.get(Settings.MAX_PENDING)))
            .sendBufferBytes(Math.toIntExact(configuration.get(Settings.SEND_BUFFER)))
            .maxRequestBytes(Math.toIntExact(configuration.get(Settings.MAX_REQUEST)))
            .maxHeaderBytes(Math.toIntExact(configuration.get(Settings.MAX_HEADER)))
            .headerTimeoutMs(configuration.get(Settings.HEADER_TIMEOUT))
            .idleTimeoutMs(configuration.get(Settings.IDLE_TIMEOUT))
            .userTimeoutMs(configuration.get(Settings.USER_TIMEOUT))
            .corsOrigins(configuration.get(Settings.CORS_ORIGINS))
            .drainMs(configuration.get(Settings.DRAIN));
    int eventLoops = configuration.get(Settings.EVENT_LOOPS);
    if (eventLoops > 0) {
      options.eventLoops(eventLoops);
    }
    return options.build();
  }

  private static EngineOptions engineOptions(Configuration configuration) {
    EngineOptions.Builder options =
        EngineOptions.DEFAULTS.toBuilder()
            .heartbeatMs(configuration.get(Settings.HEARTBEAT))
            .retryMs(configuration.get(Settings.RETRY))
            .stallTimeoutMs(configuration.get(Settings.STALL_TIMEOUT))
            .ringSize(configuration.get(Settings.RING_SIZE))
            .slotBytes(configuration.get(Settings.SLOT_BYTES))
            .largeEventBytes(configuration.get(Settings.LARGE_EVENTS))
            .maxPayloadBytes(Math.toIntExact(configuration.get(Settings.MAX_PAYLOAD)))
            .waitStrategy(configuration.get(Settings.WAIT_STRATEGY))
            .maxReplayEvents(configuration.get(Settings.MAX_REPLAY_EVENTS))
            .traceContext(configuration.get(Settings.TRACE_CONTEXT));
    int replayThreads = configuration.get(Settings.REPLAY_THREADS);
    if (replayThreads > 0) {
      options.replayThreads(replayThreads);
    }
    return options.build();
  }
}
