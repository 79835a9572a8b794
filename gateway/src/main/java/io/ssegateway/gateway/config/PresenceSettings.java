package io.ssegateway.gateway.config;

import io.ssegateway.gateway.config.Setting.Group;
import java.util.ArrayList;
import java.util.List;

/** Settings of presence: who comes and goes. */
public final class PresenceSettings {
  private static final List<Setting<?>> ALL = new ArrayList<>();

  /** The channels whose members are told of. */
  public static final Setting<List<String>> CHANNELS =
      add(
          Setting.list(
              Group.PRESENCE,
              "presence",
              "Channels whose listeners are told of when they come and go, separated by commas: a"
                  + " name, or a pattern such as room.*; * for all. Empty: presence is off."));

  /** What is in front of a channel's name. */
  public static final Setting<String> PREFIX =
      add(
          Setting.text(
              Group.PRESENCE,
              "presence-prefix",
              "presence:",
              "What the name of a channel has in front of it for messages about those who come and"
                  + " go there; empty for no messages, only the hook."));

  /** Time in which a return is no leave. */
  public static final Setting<Integer> GRACE =
      add(
          Setting.duration(
              Group.PRESENCE,
              "presence-grace",
              "10s",
              0,
              "Time without a stream after which a subject has left. Streams without a subject"
                  + " leave at once."));

  /** Most members. */
  public static final Setting<Integer> MAX_MEMBERS =
      add(
          Setting.integer(
              Group.PRESENCE,
              "presence-max-members",
              1_000_000,
              1,
              Integer.MAX_VALUE,
              "Most subjects, counted once in each channel, that are tracked; more are not told"
                  + " of, and counted as lost by the source presence."));

  /** Where to post to. */
  public static final Setting<String> HOOK =
      add(
          Setting.text(
              Group.PRESENCE,
              "presence-hook",
              "",
              "Address, http:// or https://, that who comes and goes is posted to, in batches."));

  /** What posts are signed with. */
  public static final Setting<String> HOOK_SECRET =
      add(
          Setting.text(
                  Group.PRESENCE,
                  "presence-hook-secret",
                  "",
                  "Secret that posts to presence-hook are signed with by HMAC-SHA256; empty for no"
                      + " signature.")
              .hidden());

  private PresenceSettings() {}

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }

  static List<Setting<?>> all() {
    return List.copyOf(ALL);
  }
}
