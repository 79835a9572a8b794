package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GrantTest {

  @Test
  void aGrantOfNothingHasNoRoleAndNoChannel() {
    assertThat(Role.values()).noneMatch(Grant.NOTHING::has);
    assertThat(Grant.NOTHING.mayPublish("a")).isFalse();
    assertThat(Grant.NOTHING.mayPublish(null)).isFalse();
    assertThat(Grant.NOTHING.subscribe().matches("a")).isFalse();
  }

  @Test
  void channelsToPublishToAreTheRoleOfAPublisher() {
    Grant publisher = Grant.builder().publish(ChannelPatterns.of("a.*")).build();

    assertThat(publisher.has(Role.PUBLISH)).isTrue();
    assertThat(publisher.has(Role.STATS)).isFalse();
    assertThat(publisher.mayPublish("a.b")).isTrue();
    assertThat(publisher.mayPublish("b")).isFalse();
    assertThat(publisher.mayPublish(null)).as("to everyone").isFalse();
    assertThat(Grant.builder().roles(List.of(Role.PUBLISH)).build().has(Role.PUBLISH)).isFalse();
  }

  @Test
  void anAdministratorMayDoEverythingButIsNoSubscriber() {
    Grant admin = Grant.builder().roles(List.of(Role.ADMIN)).build();

    assertThat(Role.values()).allMatch(admin::has);
    assertThat(admin.mayPublish(null)).isTrue();
    assertThat(admin.subscribe().isEmpty()).isTrue();
  }
}
