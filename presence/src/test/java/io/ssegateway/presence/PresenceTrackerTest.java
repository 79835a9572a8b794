package io.ssegateway.presence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Joins and leaves, with time that is told. */
class PresenceTrackerTest {
  private static final long GRACE_MS = 10_000;

  private final List<String> told = new ArrayList<>();
  private long nowMs = 5;

  private PresenceTracker tracker(int maxMembers) {
    return new PresenceTracker(
        channel -> !channel.startsWith("secret."),
        GRACE_MS,
        maxMembers,
        () -> nowMs,
        () -> 1_000_000 + nowMs,
        event -> told.add(event.kind().label() + " " + event.subject() + " " + event.channel()));
  }

  private final PresenceTracker tracker = tracker(100);

  private void after(long ms) {
    nowMs += ms;
    tracker.expire();
  }

  @Test
  void severalTabsOfASubjectAreOneJoinAndOneLeave() {
    tracker.connected(1, "ann", List.of("a"));
    tracker.connected(2, "ann", List.of("a", "b"));
    assertThat(told).containsExactly("join ann a", "join ann b");

    tracker.disconnected(1, "ann", List.of("a"));
    after(GRACE_MS * 2);
    assertThat(told).hasSize(2);

    tracker.disconnected(2, "ann", List.of("a", "b"));
    after(GRACE_MS);
    assertThat(told.subList(2, 4)).containsExactly("leave ann a", "leave ann b");
    assertThat(tracker.size()).isZero();
  }

  @Test
  void aShortLossOfTheNetworkIsNoLeave() {
    tracker.connected(1, "ann", List.of("a"));
    tracker.disconnected(1, "ann", List.of("a"));
    after(GRACE_MS - 1);
    tracker.connected(2, "ann", List.of("a"));
    after(GRACE_MS * 3);

    assertThat(told).containsExactly("join ann a");
    assertThat(tracker.size()).isEqualTo(1);
  }

  @Test
  void aSecondAbsenceHasAGracePeriodOfItsOwn() {
    tracker.connected(1, "ann", List.of("a"));
    tracker.disconnected(1, "ann", List.of("a"));
    after(GRACE_MS - 1);
    tracker.connected(2, "ann", List.of("a"));
    tracker.disconnected(2, "ann", List.of("a"));
    after(GRACE_MS - 1);
    assertThat(told).hasSize(1);

    after(1);
    assertThat(told).containsExactly("join ann a", "leave ann a");
  }

  @Test
  void thoseWhoLeftFirstAreToldOfFirst() {
    for (String who : List.of("ann", "bob", "cid")) {
      tracker.connected(1, who, List.of("a"));
    }
    for (String who : List.of("cid", "ann", "bob")) {
      tracker.disconnected(1, who, List.of("a"));
      nowMs++;
    }
    after(GRACE_MS - 2);
    assertThat(told.subList(3, told.size())).containsExactly("leave cid a", "leave ann a");

    after(1);
    assertThat(told.get(5)).isEqualTo("leave bob a");
  }

  @Test
  void aStreamWithoutASubjectIsAMemberByItselfAndLeavesAtOnce() {
    tracker.connected(1, null, List.of("a"));
    tracker.connected(2, null, List.of("a"));
    tracker.disconnected(1, null, List.of("a"));

    assertThat(told).containsExactly("join null a", "join null a", "leave null a");
  }

  @Test
  void channelsThatAreNotTrackedAreNotTold() {
    tracker.connected(1, "ann", List.of("secret.a"));
    tracker.disconnected(1, "ann", List.of("secret.a"));
    after(GRACE_MS);

    assertThat(told).isEmpty();
  }

  @Test
  void aNewcomerOverTheLimitIsCountedAndItsEndHarmsNobody() {
    PresenceTracker small = tracker(1);
    small.connected(1, "ann", List.of("a"));
    small.connected(2, "bob", List.of("a"));
    small.disconnected(2, "bob", List.of("a"));

    assertThat(told).containsExactly("join ann a");
    assertThat(small.untracked()).isEqualTo(1);
    assertThat(small.size()).isEqualTo(1);
  }

  @Test
  void tenThousandWhoComeBackWithinTheGracePeriodAreNoNews() {
    PresenceTracker large = tracker(20_000);
    for (int i = 0; i < 10_000; i++) {
      large.connected(i, "user" + i, List.of("a"));
    }
    for (int i = 0; i < 10_000; i++) {
      large.disconnected(i, "user" + i, List.of("a"));
    }
    nowMs += GRACE_MS / 2;
    large.expire();
    for (int i = 0; i < 10_000; i++) {
      large.connected(10_000 + i, "user" + i, List.of("a"));
    }
    nowMs += GRACE_MS * 2;
    large.expire();

    assertThat(told).hasSize(10_000).allMatch(news -> news.startsWith("join"));
    assertThat(large.size()).isEqualTo(10_000);
  }
}
