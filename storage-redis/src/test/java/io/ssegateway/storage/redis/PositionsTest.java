package io.ssegateway.storage.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.engine.journal.JournalException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PositionsTest {
  @Test
  void anIdAndItsPositionAreOneToOne() {
    List<String> ids =
        List.of("0-0", "0-1", "0-1048575", "1-0", "1790000000000-0", "1790000000000-1048575");
    for (String id : ids) {
      assertThat(Positions.id(Positions.of(id))).isEqualTo(id);
    }
    assertThat(ids.stream().map(Positions::of).toList()).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void theLargestIdIsTheLargestPosition() {
    assertThat(Positions.of("8796093022207-1048575")).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void anIdThatDoesNotFitIsRefused() {
    for (String id : List.of("8796093022208-0", "1-1048576", "1", "-1", "a-b", "", "1--1")) {
      assertThatThrownBy(() -> Positions.of(id))
          .as(id)
          .isInstanceOf(JournalException.class)
          .hasMessageContaining(id);
    }
  }
}
