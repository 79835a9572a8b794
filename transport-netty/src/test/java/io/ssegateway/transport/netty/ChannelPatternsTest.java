package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelPatternsTest {

  @ParameterizedTest
  @CsvSource({
    "news, news, true",
    "news, News, false",
    "news, news2, false",
    "*, anything, true",
    "**, anything, true",
    "public.*, public.a.b, true",
    "public.*, public., true",
    "public.*, public, false",
    "public.*, a.public.b, false",
    "*.public, a.public, true",
    "a*c*e, abcde, true",
    "a*c*e, ace, true",
    "a*c*e, aec, false",
    "*ab*ab, abab, true",
    "*ab*ab, aab, false",
    "*a, aaab, false"
  })
  void aPatternMatchesTheWholeName(String pattern, String channel, boolean matches) {
    assertThat(ChannelPatterns.of(pattern).matches(channel)).isEqualTo(matches);
  }

  @Property(tries = 500)
  void starsMatchAsRegularExpressionsDo(
      @ForAll @CharRange(from = 'a', to = 'b') @StringLength(max = 8) String name,
      @ForAll
          @StringLength(min = 1, max = 6)
          @CharRange(from = '*', to = '*')
          @CharRange(from = 'a', to = 'b')
          String pattern) {
    assertThat(ChannelPatterns.of(pattern).matches(name))
        .isEqualTo(name.matches(pattern.replace("*", ".*")));
  }

  @Test
  void manyStarsTakeNoExponentialTime() {
    String pattern = "*a".repeat(1000) + "b";
    assertThat(ChannelPatterns.of(pattern).matches("a".repeat(5000))).isFalse();
  }

  @Test
  void onlyStarsAloneAreEveryChannel() {
    assertThat(ChannelPatterns.ALL.isAll()).isTrue();
    assertThat(ChannelPatterns.of("news", "*").isAll()).isTrue();
    assertThat(ChannelPatterns.of("a*").isAll()).isFalse();
    assertThat(ChannelPatterns.NONE.isEmpty()).isTrue();
    assertThat(ChannelPatterns.NONE.matches("")).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChannelPatterns.of(List.of("a", "")))
        .withMessageContaining("channel pattern");
  }
}
