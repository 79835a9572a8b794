package io.ssegateway.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private static InetAddress ip(String text) throws Exception {
    return InetAddress.getByName(text);
  }

  private static Admission admission(int streams, int perAddress, String... proxies) {
    return new Admission(
        streams,
        LimitOptions.builder()
            .maxStreamsPerAddress(perAddress)
            .trustedProxies(List.of(proxies))
            .build(),
        new TransportCounters(),
        () -> 0);
  }

  @Test
  void neverMoreStreamsThanTheLimitHoweverManyComeAtOnce() throws Exception {
    Admission admission = admission(100, 0);
    ConcurrentLinkedQueue<Admission.Place> places = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  Admission.Place place = admission.tryEnter(null);
                  if (place != null) {
                    places.add(place);
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(places).hasSize(100);
    places.forEach(Admission.Place::release);
    places.forEach(Admission.Place::release);
    for (int i = 0; i < 100; i++) {
      assertThat(admission.tryEnter(null)).isNotNull();
    }
    assertThat(admission.tryEnter(null)).isNull();
  }

  @Test
  void anAddressHasItsOwnLimitAndAnIpv6NetworkCountsAsOne() throws Exception {
    Admission admission = admission(0, 2);
    Admission.Place first = admission.require(ip("2001:db8::1"));
    admission.require(ip("2001:db8::ffff:2"));

    assertThatThrownBy(() -> admission.require(ip("2001:db8::3")))
        .isInstanceOf(HttpProblem.class)
        .hasMessage("streams: 2 are open from this address, which is the limit");
    assertThat(admission.tryEnter(ip("2001:db8:0:1::1"))).isNotNull();
    assertThat(admission.tryEnter(ip("192.0.2.1"))).isNotNull();

    first.release();
    Admission.Place again = admission.require(ip("2001:db8::4"));
    again.release();
    assertThat(admission.addresses()).isEqualTo(3);
  }

  @Test
  void onlyATrustedProxyIsBelievedAndOnlyAsFarAsProxiesReach() throws Exception {
    Admission admission = admission(0, 1, "10.0.0.0/8", "::1");
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.add("X-Forwarded-For", "127.0.0.1, 198.51.100.7").add("X-Forwarded-For", "10.9.9.9");

    assertThat(admission.client(ip("10.1.1.1"), headers)).isEqualTo(ip("198.51.100.7"));
    assertThat(admission.client(ip("192.0.2.1"), headers)).isEqualTo(ip("192.0.2.1"));
    assertThat(admission.client(ip("::1"), new DefaultHttpHeaders())).isEqualTo(ip("::1"));
    headers.set("X-Forwarded-For", "198.51.100.7, unknown");
    assertThat(admission.client(ip("10.1.1.1"), headers)).isEqualTo(ip("10.1.1.1"));
    headers.set("X-Forwarded-For", "[2001:db8::9]:443");
    assertThat(admission.client(ip("10.1.1.1"), headers)).isEqualTo(ip("2001:db8::9"));
  }

  @Test
  void hopsOfForwardedAreTakenApartWithTheirQuotes() {
    assertThat(
            ForwardedHops.of(
                List.of(
                    "for=192.0.2.43, For=\"[2001:db8:cafe::17]:4711\";by=a",
                    "proto=https;for=_hidden;by=\"x,for=1.1.1.1\"",
                    "by=a",
                    "for=1.1.1.1;for=2.2.2.2",
                    "for=\"unclosed, for=3.3.3.3",
                    "")))
        .containsExactly(
            "192.0.2.43",
            "[2001:db8:cafe::17]:4711",
            "_hidden",
            "",
            "",
            "\"unclosed, for=3.3.3.3",
            "");
  }

  @Test
  void whatIsNoNetworkIsRefused() {
    for (String text : List.of("example.com", "10.0.0.0/33", "10.0.0.0/x", "", "::/129")) {
      assertThatThrownBy(() -> Network.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining('"' + text + '"');
    }
  }

  @Test
  void aBucketGivesItsBurstAndThenItsRate() {
    RateTable table = new RateTable(64, 10, 5);
    long now = -3 * SECOND;
    int taken = 0;
    for (int i = 0; i < 20; i++) {
      taken += table.take(7, now) ? 1 : 0;
    }
    assertThat(taken).isEqualTo(5);
    assertThat(table.take(8, now)).isTrue();
    for (int i = 0; i < 100; i++) {
      now += SECOND / 100;
      taken += table.take(7, now) ? 1 : 0;
    }
    assertThat(taken).isEqualTo(15);
  }

  @Test
  void moreKeysThanThereIsRoomForStillGetTheirTokens() {
    RateTable table = new RateTable(64, 1, 2);
    for (long key = 0; key < 10_000; key++) {
      assertThat(table.take(key, key)).isTrue();
    }
  }
}
