package io.ssegateway.gateway;

import io.ssegateway.gateway.config.Configuration;
import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.gateway.config.PresenceSettings;
import io.ssegateway.presence.PresenceOptions;
import io.ssegateway.presence.PresenceSource;
import io.ssegateway.transport.netty.ChannelPatterns;
import io.ssegateway.transport.netty.Gateway;
import java.net.URI;
import java.util.List;

/** Adds presence if a configuration asks for it. Stateless. */
final class PresenceWiring {
  private static final int MAX_QUEUED = PresenceOptions.DEFAULTS.maxQueued();

  private PresenceWiring() {}

  static void addTo(Configuration configuration, Gateway.Builder gateway) {
    List<String> channels = configuration.get(PresenceSettings.CHANNELS);
    String hook = configuration.get(PresenceSettings.HOOK);
    if (channels.isEmpty()) {
      if (!hook.isEmpty()) {
        throw new ConfigurationException(
            "presence-hook: " + hook + " (expected: presence to name channels, such as *)");
      }
      return;
    }
    gateway.source(
        new PresenceSource(
            SourceWiring.named("presence", () -> options(configuration, channels, hook))));
  }

  private static PresenceOptions options(
      Configuration configuration, List<String> channels, String hook) {
    ChannelPatterns patterns = ChannelPatterns.of(channels.toArray(String[]::new));
    URI uri = hook.isEmpty() ? null : URI.create(hook);
    return new PresenceOptions(
        patterns::matches,
        configuration.get(PresenceSettings.PREFIX),
        configuration.get(PresenceSettings.GRACE),
        configuration.get(PresenceSettings.MAX_MEMBERS),
        MAX_QUEUED,
        uri,
        configuration.get(PresenceSettings.HOOK_SECRET));
  }
}
