package io.ssegateway.presence;

import java.net.URI;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What presence tells, and where. Immutable.
 *
 * @param channels the channels whose members are told of
 * @param prefix what the name of a channel has in front of it for messages about its members; such
 *     channels are not tracked themselves; empty for no messages
 * @param graceMs time in ms without a stream after which a subject has left, {@code >= 0}
 * @param maxMembers most members, {@code > 0}
 * @param maxQueued most events that wait to be told, {@code > 0}
 * @param hook where events are posted to; null for nowhere
 * @param secret what the posts are signed with; empty for no signature
 */
public record PresenceOptions(
    Predicate<String> channels,
    String prefix,
    long graceMs,
    int maxMembers,
    int maxQueued,
    @Nullable URI hook,
    String secret) {
  /** All channels, messages on {@code presence:CHANNEL}, a grace period of 10 s, no hook. */
  public static final PresenceOptions DEFAULTS =
      new PresenceOptions(channel -> true, "presence:", 10_000, 1_000_000, 20_000, null, "");

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds; the text names it and its value
   */
  public PresenceOptions {
    Objects.requireNonNull(channels, "channels");
    Objects.requireNonNull(prefix, "prefix");
    Objects.requireNonNull(secret, "secret");
    if (graceMs < 0) {
      throw new IllegalArgumentException("graceMs: " + graceMs + " (expected: >= 0)");
    }
    if (maxMembers <= 0 || maxQueued <= 0) {
      throw new IllegalArgumentException(
          "maxMembers: " + maxMembers + ", maxQueued: " + maxQueued + " (expected: > 0)");
    }
    if (prefix.isEmpty() && hook == null) {
      throw new IllegalArgumentException("prefix: \"\" (expected: not empty, or a hook)");
    }
    if (hook != null && !isHttp(hook)) {
      throw new IllegalArgumentException("hook: " + hook + " (expected: http:// or https://)");
    }
  }

  private static boolean isHttp(URI uri) {
    return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
        && uri.getHost() != null;
  }

  /** The same for other channels. */
  public PresenceOptions withChannels(Predicate<String> tracked) {
    return new PresenceOptions(tracked, prefix, graceMs, maxMembers, maxQueued, hook, secret);
  }

  /** The same with messages on other channels. */
  public PresenceOptions withPrefix(String text) {
    return new PresenceOptions(channels, text, graceMs, maxMembers, maxQueued, hook, secret);
  }

  /** The same with another grace period. */
  public PresenceOptions withGraceMs(long ms) {
    return new PresenceOptions(channels, prefix, ms, maxMembers, maxQueued, hook, secret);
  }

  /** The same with other bounds. */
  public PresenceOptions withBounds(int members, int queued) {
    return new PresenceOptions(channels, prefix, graceMs, members, queued, hook, secret);
  }

  /** The same with a hook. */
  public PresenceOptions withHook(URI uri, String signedWith) {
    return new PresenceOptions(channels, prefix, graceMs, maxMembers, maxQueued, uri, signedWith);
  }

  /** Says nothing about the secret: it may be logged. */
  @Override
  public String toString() {
    return "PresenceOptions[prefix=" + prefix + ", graceMs=" + graceMs + ", hook=" + hook + "]";
  }
}
