package io.ssegateway.gateway;

import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.sources.webhook.WebhookRoute;
import io.ssegateway.sources.webhook.WebhookSignature;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * The file that the setting {@code webhooks} names: properties of the form {@code NAME.key=value}.
 *
 * <p>Keys are {@code preset} (github or stripe), {@code channel} or {@code broadcast}, {@code
 * event-type}, {@code id}, {@code data}, {@code signature} (github, stripe, hmac-sha256 or none),
 * {@code secrets} (separated by commas), and for hmac-sha256 {@code header}, {@code prefix} and
 * {@code encoding} (hex or base64). Stateless.
 */
final class WebhookFile {
  private WebhookFile() {}

  /**
   * Reads the routes.
   *
   * @throws ConfigurationException if the file cannot be read or something in it is wrong
   */
  static List<WebhookRoute> read(Path path) {
    Properties properties = SourceWiring.properties("webhooks", path);
    Map<String, Map<String, String>> byName = new TreeMap<>();
    for (String key : properties.stringPropertyNames()) {
      int dot = key.lastIndexOf('.');
      if (dot <= 0) {
        throw new ConfigurationException(
            "webhooks: key " + key + " in " + path + " (expected: NAME.key)");
      }
      byName
          .computeIfAbsent(key.substring(0, dot), name -> new TreeMap<>())
          .put(key.substring(dot + 1), properties.getProperty(key).strip());
    }
    List<WebhookRoute> routes = new ArrayList<>();
    byName.forEach((name, keys) -> routes.add(route(path, name, keys)));
    return routes;
  }

  private static WebhookRoute route(Path path, String name, Map<String, String> keys) {
    Map<String, String> unread = new TreeMap<>(keys);
    try {
      WebhookRoute route = builder(name, unread).build();
      if (!unread.isEmpty()) {
        throw new IllegalArgumentException(
            "unknown keys "
                + unread.keySet()
                + " (expected: preset, channel, broadcast, event-type, id, data, signature,"
                + " secrets, header, prefix, encoding)");
      }
      return route;
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new ConfigurationException("webhooks: " + name + " in " + path + ": " + e.getMessage());
    }
  }

  private static WebhookRoute.Builder builder(String name, Map<String, String> keys) {
    List<String> secrets =
        Arrays.stream(take(keys, "secrets", "").split(","))
            .map(String::strip)
            .filter(secret -> !secret.isEmpty())
            .toList();
    String preset = take(keys, "preset", "");
    WebhookRoute.Builder route =
        switch (preset) {
          case "github" -> WebhookRoute.github(name, secrets);
          case "stripe" -> WebhookRoute.stripe(name, secrets);
          case "" -> WebhookRoute.builder(name).signature(signature(keys, secrets));
          default ->
              throw new IllegalArgumentException(
                  "preset: \"" + preset + "\" (expected: github or stripe)");
        };
    String channel = take(keys, "channel", "");
    if (!channel.isEmpty()) {
      route.channel(channel);
    }
    if (Boolean.parseBoolean(take(keys, "broadcast", "false"))) {
      route.broadcast();
    }
    String eventType = take(keys, "event-type", "");
    if (!eventType.isEmpty()) {
      route.eventType(eventType);
    }
    String id = take(keys, "id", "");
    if (!id.isEmpty()) {
      route.id(id);
    }
    String data = keys.remove("data");
    if (data != null) {
      route.data(data);
    }
    return route;
  }

  private static WebhookSignature signature(Map<String, String> keys, List<String> secrets) {
    String scheme = take(keys, "signature", "");
    String header = take(keys, "header", "");
    String prefix = take(keys, "prefix", "");
    String encoding = take(keys, "encoding", "hex");
    return switch (scheme) {
      case "github" -> WebhookSignature.github(secrets);
      case "stripe" -> WebhookSignature.stripe(WebhookSignature.DEFAULT_TOLERANCE, secrets);
      case "hmac-sha256" ->
          WebhookSignature.hmacSha256(
              header,
              prefix,
              WebhookSignature.Encoding.valueOf(encoding.toUpperCase(Locale.ROOT)),
              secrets);
      case "none" -> WebhookSignature.none();
      default ->
          throw new IllegalArgumentException(
              "signature: \""
                  + scheme
                  + "\" (expected: github, stripe, hmac-sha256 or none, or a preset)");
    };
  }

  private static String take(Map<String, String> keys, String key, String defaultValue) {
    String value = keys.remove(key);
    return value == null ? defaultValue : value;
  }
}
