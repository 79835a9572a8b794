package io.ssegateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On the options of the JVM that runs the test, which get their values back. */
class IdleHeapReleaseTest {
  private static final List<String> OPTIONS =
      List.of(IdleHeapRelease.INTERVAL, IdleHeapRelease.MIN_FREE, IdleHeapRelease.MAX_FREE);
  private static final int INTERVAL_MS = 3_600_000;
  private static final String ORDINARY = "G1 Evacuation Pause";

  private final HotSpotDiagnosticMXBean vm =
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
  private Map<String, String> before = Map.of();

  @BeforeEach
  void remember() {
    before = OPTIONS.stream().collect(Collectors.toMap(option -> option, this::value));
  }

  @AfterEach
  void putBack() {
    // the least first to nothing, since it may at no time be above the most
    vm.setVMOption(IdleHeapRelease.MIN_FREE, "0");
    Stream.of(IdleHeapRelease.MAX_FREE, IdleHeapRelease.MIN_FREE, IdleHeapRelease.INTERVAL)
        .forEach(option -> vm.setVMOption(option, before.get(option)));
  }

  private String value(String option) {
    return vm.getVMOption(option).getValue();
  }

  private List<String> values() {
    return OPTIONS.stream().map(this::value).toList();
  }

  private List<String> valuesOfABusyGateway() {
    return List.of(
        Integer.toString(INTERVAL_MS),
        before.get(IdleHeapRelease.MIN_FREE),
        before.get(IdleHeapRelease.MAX_FREE));
  }

  @Test
  void aBusyGatewayKeepsAsMuchHeapAsEver() {
    IdleHeapRelease release = new IdleHeapRelease(vm, INTERVAL_MS);
    release.collected(ORDINARY);

    assertThat(values()).isEqualTo(valuesOfABusyGateway());
  }

  @Test
  void anIdleOneKeepsLittleAndThenRests() {
    IdleHeapRelease release = new IdleHeapRelease(vm, INTERVAL_MS);
    for (int i = 1; i < IdleHeapRelease.COLLECTIONS; i++) {
      release.collected(IdleHeapRelease.PERIODIC);
      assertThat(values())
          .containsExactly(
              Integer.toString(INTERVAL_MS),
              IdleHeapRelease.IDLE_MIN_FREE,
              IdleHeapRelease.IDLE_MAX_FREE);
    }
    release.collected(IdleHeapRelease.PERIODIC);

    assertThat(values())
        .containsExactly("0", IdleHeapRelease.IDLE_MIN_FREE, IdleHeapRelease.IDLE_MAX_FREE);
  }

  @Test
  void anOrdinaryCollectionMakesItBusyAgain() {
    IdleHeapRelease release = new IdleHeapRelease(vm, INTERVAL_MS);
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < IdleHeapRelease.COLLECTIONS; i++) {
        release.collected(IdleHeapRelease.PERIODIC);
      }
      assertThat(value(IdleHeapRelease.INTERVAL)).isEqualTo("0");
      release.collected(ORDINARY);
      assertThat(values()).isEqualTo(valuesOfABusyGateway());
    }
  }

  @Test
  void nothingIsChangedIfItIsSwitchedOff() {
    IdleHeapRelease.start(0);

    assertThat(values()).containsExactlyElementsOf(OPTIONS.stream().map(before::get).toList());
  }
}
