package io.ssegateway.presence;

import io.ssegateway.presence.PresenceEvent.Kind;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Knows who is in which channel, and tells of joins and leaves. A member is a subject in a channel,
 * however many streams it has there. Its leave is told when none was there for a grace period. A
 * stream without a subject is a member by itself, and leaves at once: nobody can tell whether a new
 * one is its return.
 *
 * <p>Not thread-safe. Bounded: a newcomer over the limit is not tracked, and counted.
 */
final class PresenceTracker {
  private final Predicate<String> channels;
  private final long graceMs;
  private final int maxMembers;
  private final LongSupplier nowMs;
  private final LongSupplier wallMs;
  private final Consumer<PresenceEvent> sink;

  private final Map<Key, Member> members = new HashMap<>();

  /** Those without a stream, the longest first; they are members still. */
  private final Map<Key, Member> absent = new LinkedHashMap<>();

  private long untracked;

  /** A member's name: the subject, or for a stream without one its number. */
  private record Key(String channel, @Nullable String subject, long connectionId) {}

  private static final class Member {
    int streams;
    long lastConnectionId;
    long absentSinceMs;
  }

  /**
   * Creates a tracker.
   *
   * @param channels those that are tracked
   * @param graceMs time without a stream after which a leave is told
   * @param maxMembers most members, in all channels together
   * @param nowMs the time in ms since any moment; never goes back
   * @param wallMs the time in ms since 1970
   * @param sink takes the events, in order
   */
  PresenceTracker(
      Predicate<String> channels,
      long graceMs,
      int maxMembers,
      LongSupplier nowMs,
      LongSupplier wallMs,
      Consumer<PresenceEvent> sink) {
    this.channels = channels;
    this.graceMs = graceMs;
    this.maxMembers = maxMembers;
    this.nowMs = nowMs;
    this.wallMs = wallMs;
    this.sink = sink;
  }

  /** A stream has begun. */
  void connected(long connectionId, @Nullable String subject, List<String> names) {
    for (String name : names) {
      if (channels.test(name)) {
        connected(key(name, subject, connectionId), connectionId);
      }
    }
  }

  private static Key key(String channel, @Nullable String subject, long connectionId) {
    return new Key(channel, subject, subject == null ? connectionId : 0);
  }

  private void connected(Key key, long connectionId) {
    Member member = members.get(key);
    if (member == null) {
      if (members.size() >= maxMembers) {
        untracked++;
        return;
      }
      member = new Member();
      members.put(key, member);
      tell(Kind.JOIN, key, connectionId);
    } else if (member.streams == 0) {
      absent.remove(key);
    }
    member.streams++;
  }

  /** A stream has ended. */
  void disconnected(long connectionId, @Nullable String subject, List<String> names) {
    for (String name : names) {
      if (channels.test(name)) {
        disconnected(key(name, subject, connectionId), connectionId);
      }
    }
  }

  private void disconnected(Key key, long connectionId) {
    Member member = members.get(key);
    if (member == null || member.streams == 0) {
      return; // began when there were too many members
    }
    member.streams--;
    if (member.streams > 0) {
      return;
    }
    if (key.subject == null || graceMs == 0) {
      members.remove(key);
      tell(Kind.LEAVE, key, connectionId);
      return;
    }
    member.lastConnectionId = connectionId;
    member.absentSinceMs = nowMs.getAsLong();
    absent.put(key, member);
  }

  /** Tells of those whose grace period is over. */
  void expire() {
    long now = nowMs.getAsLong();
    Iterator<Map.Entry<Key, Member>> oldest = absent.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<Key, Member> entry = oldest.next();
      if (now - entry.getValue().absentSinceMs < graceMs) {
        return;
      }
      oldest.remove();
      members.remove(entry.getKey());
      tell(Kind.LEAVE, entry.getKey(), entry.getValue().lastConnectionId);
    }
  }

  private void tell(Kind kind, Key key, long connectionId) {
    sink.accept(
        new PresenceEvent(kind, key.channel, key.subject, connectionId, wallMs.getAsLong()));
  }

  /** Members now, the absent included. */
  int size() {
    return members.size();
  }

  /** How often a stream was not tracked because there were too many members. */
  long untracked() {
    return untracked;
  }
}
