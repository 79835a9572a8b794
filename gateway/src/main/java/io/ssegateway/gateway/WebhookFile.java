package io.ssegateway.gateway;

import io.ssegateway.gateway.config.ConfigurationException;
import io.ssegateway.gateway.config.PropertiesFile;
import io.ssegateway.sources.webhook.WebhookRoute;
import io.ssegateway.sources.webhook.WebhookSignature;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
    Map<String, Map<String, String>> byName =
        PropertiesFile.byName(
            PropertiesFile.read("webhooks", path),
            key ->
                new ConfigurationException(
                    "webhooks: key " + key + " in " + path + " (expected: NAME.key)"));
    if (byName.isEmpty()) {
      throw new ConfigurationException(
          "webhooks: " + path + " is empty (expected: NAME.key=value)");
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
            unread.keySet()
                + ": unknown, or without effect here (expected: preset or signature, secrets,"
                + " channel or broadcast, event-type, id, data; and with signature=hmac-sha256"
                + " header, prefix, encoding)");
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
    addressees(route, keys, !preset.isEmpty());
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

  /** Sets the channel, or that it is for everyone; a preset has a channel of its own. */
  private static void addressees(
      WebhookRoute.Builder route, Map<String, String> keys, boolean preset) {
    String channel = take(keys, "channel", "");
    String broadcast = take(keys, "broadcast", "false");
    if (!broadcast.equals("true") && !broadcast.equals("false")) {
      throw new IllegalArgumentException(
          "broadcast: \"" + broadcast + "\" (expected: true or false)");
    }
    boolean toEveryone = broadcast.equals("true");
    if (toEveryone && !channel.isEmpty()) {
      throw new IllegalArgumentException(
          "channel: \"" + channel + "\", broadcast: true (expected: one of the two)");
    }
    if (toEveryone) {
      route.broadcast();
    } else if (!channel.isEmpty()) {
      route.channel(channel);
    } else if (!preset) {
      throw new IllegalArgumentException(
          "channel: not set (expected: a template, or broadcast=true for everyone)");
    }
  }

  private static WebhookSignature signature(Map<String, String> keys, List<String> secrets) {
    String scheme = take(keys, "signature", "");
    return switch (scheme) {
      case "github" -> WebhookSignature.github(secrets);
      case "stripe" -> WebhookSignature.stripe(WebhookSignature.DEFAULT_TOLERANCE, secrets);
      case "hmac-sha256" ->
          WebhookSignature.hmacSha256(
              take(keys, "header", ""), take(keys, "prefix", ""), encoding(keys), secrets);
      case "none" -> {
        if (!secrets.isEmpty()) {
          throw new IllegalArgumentException(
              "secrets: set (expected: none, since signature is none)");
        }
        yield WebhookSignature.none();
      }
      default ->
          throw new IllegalArgumentException(
              "signature: \""
                  + scheme
                  + "\" (expected: github, stripe, hmac-sha256 or none, or a preset)");
    };
  }

  private static WebhookSignature.Encoding encoding(Map<String, String> keys) {
    String encoding = take(keys, "encoding", "hex");
    return switch (encoding) {
      case "hex" -> WebhookSignature.Encoding.HEX;
      case "base64" -> WebhookSignature.Encoding.BASE64;
      default ->
          throw new IllegalArgumentException(
              "encoding: \"" + encoding + "\" (expected: hex or base64)");
    };
  }

  private static String take(Map<String, String> keys, String key, String defaultValue) {
    String value = keys.remove(key);
    return value == null ? defaultValue : value;
  }
}
