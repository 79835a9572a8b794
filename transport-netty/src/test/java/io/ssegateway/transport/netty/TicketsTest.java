package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TicketsTest {
  private long nowMs = 1_000_000;

  private Tickets tickets(int most) {
    return new Tickets(
        AuthOptions.DEFAULTS.withTickets(30_000, most), () -> Instant.ofEpochMilli(nowMs));
  }

  private static Grant grant(String subject) {
    return Grant.builder()
        .subject(subject)
        .subscribe(ChannelPatterns.of("a"))
        .publish(ChannelPatterns.ALL)
        .roles(List.of(Role.ADMIN))
        .expiresAt(Instant.ofEpochSecond(5000))
        .build();
  }

  @Test
  void aTicketIsGoodOnceAndGrantsListeningOnly() {
    Tickets tickets = tickets(10);
    String ticket = tickets.issue(grant("joe"));

    Grant grant = tickets.redeem(ticket);

    assertThat(grant.subject()).isEqualTo("joe");
    assertThat(grant.subscribe().matches("a")).isTrue();
    assertThat(grant.expiresAt()).isEqualTo(Instant.ofEpochSecond(5000));
    assertThat(Role.values()).noneMatch(grant::has);
    assertThat(tickets.redeem(ticket)).isNull();
    assertThat(tickets.redeem("")).isNull();
  }

  @Test
  void aTicketIsGoodForAShortTime() {
    Tickets tickets = tickets(10);
    String first = tickets.issue(grant("joe"));
    String second = tickets.issue(grant("joe"));
    nowMs += 29_999;
    assertThat(tickets.redeem(first)).isNotNull();
    nowMs += 1;
    assertThat(tickets.redeem(second)).isNull();
  }

  @Test
  void ticketsThatWaitAreBoundedUntilTheyAreUsedOrOver() {
    Tickets tickets = tickets(2);
    String first = tickets.issue(grant(null));
    assertThat(tickets.issue(grant(null))).isNotNull();
    assertThat(tickets.issue(grant(null))).isNull();
    assertThat(tickets.redeem(first)).isNotNull();
    assertThat(tickets.issue(grant(null))).isNotNull();
    assertThat(tickets.issue(grant(null))).isNull();
    nowMs += 30_000;
    assertThat(tickets.issue(grant(null))).isNotNull();
  }

  @Test
  void oneSubjectCannotUseUpWhatAllNeed() {
    Tickets tickets = tickets(10_000);
    Set<String> issued = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      issued.add(tickets.issue(grant("greedy")));
    }
    assertThat(issued).hasSize(100).doesNotContainNull();
    assertThat(tickets.issue(grant("greedy"))).isNull();
    assertThat(tickets.issue(grant("modest"))).isNotNull();
    assertThat(tickets.redeem(issued.iterator().next())).isNotNull();
    assertThat(tickets.issue(grant("greedy"))).isNotNull();
    nowMs += 30_000;
    assertThat(tickets.issue(grant("greedy"))).isNotNull();
  }
}
