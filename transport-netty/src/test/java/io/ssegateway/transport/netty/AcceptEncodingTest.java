package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ssegateway.transport.netty.CompressionOptions.Coding;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptEncodingTest {
  private static final Set<Coding> BOTH = EnumSet.allOf(Coding.class);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip, deflate, br, zstd | ZSTD",
        "gzip | GZIP",
        "GZIP;q=0.5, zstd;q=0.4 | GZIP",
        "zstd;q=0, gzip;q=0.001 | GZIP",
        "*;q=0.1 | ZSTD",
        "zstd;q=0, * | GZIP",
        "identity, gzip;q=0 | ",
        "gzip;q=2 | ",
        "gzip;q= | ",
        "gzip ; q=1.000 | GZIP",
        "x-gzip | ",
        "br | ",
        "'' | "
      })
  void theClientsChoiceComesFirst(String field, Coding expected) {
    assertThat(AcceptEncoding.choose(List.of(field), BOTH)).isEqualTo(expected);
  }

  @Test
  void onlyWhatIsOfferedIsChosen() {
    assertThat(AcceptEncoding.choose(List.of("zstd", "gzip;q=0.1"), Set.of(Coding.GZIP)))
        .isEqualTo(Coding.GZIP);
    assertThat(AcceptEncoding.choose(List.of("zstd, gzip"), Set.of())).isNull();
    assertThat(AcceptEncoding.choose(List.of(), BOTH)).isNull();
  }

  @Test
  void whatCannotBeFramedIsNoLimit() {
    assertThatThrownBy(() -> new CompressionOptions(BOTH, 65_536))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("minBytes: 65536 (expected: from 0 to 65535)");
  }
}
