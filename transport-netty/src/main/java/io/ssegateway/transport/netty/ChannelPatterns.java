package io.ssegateway.transport.netty;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A set of channels, told by exact names and by patterns in which each {@code *} stands for any run
 * of characters, of none too: {@code user.42}, {@code public.*}, {@code *}. Names are compared as
 * they are, case and all. Immutable.
 */
public final class ChannelPatterns {
  /** No channel. */
  public static final ChannelPatterns NONE = new ChannelPatterns(List.of());

  /** Every channel. */
  public static final ChannelPatterns ALL = new ChannelPatterns(List.of("*"));

  private final Set<String> names = new HashSet<>();
  private final List<String> patterns = new ArrayList<>();
  private final boolean all;

  private ChannelPatterns(Collection<String> texts) {
    for (String text : texts) {
      if (text.isEmpty()) {
        throw new IllegalArgumentException(
            "channel pattern: \"\" (expected: a channel's name, or a pattern with *)");
      }
      if (text.indexOf('*') < 0) {
        names.add(text);
      } else {
        patterns.add(text);
      }
    }
    all = patterns.stream().anyMatch(pattern -> pattern.chars().allMatch(c -> c == '*'));
  }

  /**
   * The channels that any of these names and patterns stands for.
   *
   * @throws IllegalArgumentException if one is empty
   */
  public static ChannelPatterns of(Collection<String> namesAndPatterns) {
    return namesAndPatterns.isEmpty() ? NONE : new ChannelPatterns(namesAndPatterns);
  }

  /** As {@link #of(Collection)}. */
  public static ChannelPatterns of(String... namesAndPatterns) {
    return of(List.of(namesAndPatterns));
  }

  /** Whether a channel is one of them. */
  public boolean matches(String channel) {
    if (all || names.contains(channel)) {
      return true;
    }
    for (String pattern : patterns) {
      if (matches(pattern, channel)) {
        return true;
      }
    }
    return false;
  }

  /** Whether no channel is one of them. */
  public boolean isEmpty() {
    return names.isEmpty() && patterns.isEmpty();
  }

  /** Whether every channel is one of them. */
  public boolean isAll() {
    return all;
  }

  /**
   * Compares from left to right. On a mismatch only the last star passed takes one character more,
   * so that the time is at most the product of both lengths.
   */
  private static boolean matches(String pattern, String name) {
    int p = 0;
    int n = 0;
    int star = -1;
    int resume = 0;
    while (n < name.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        resume = n;
      } else if (p < pattern.length() && pattern.charAt(p) == name.charAt(n)) {
        p++;
        n++;
      } else if (star >= 0) {
        p = star + 1;
        n = ++resume;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  /** The names and patterns, sorted. */
  @Override
  public String toString() {
    Set<String> texts = new TreeSet<>(names);
    texts.addAll(patterns);
    return texts.toString();
  }
}
