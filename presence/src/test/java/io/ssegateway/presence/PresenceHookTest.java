package io.ssegateway.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.ssegateway.presence.PresenceEvent.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Posts to a real server, which answers as it is told. */
class PresenceHookTest {
  private static final String SECRET = "hush";

  private record Post(String body, String signature, String delivery) {}

  private final List<Post> posts = new CopyOnWriteArrayList<>();
  private final Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
  private final AtomicLong nowMs = new AtomicLong(1);
  private HttpServer server;
  private PresenceHook hook;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/hook",
        call -> {
          String body = new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          posts.add(
              new Post(
                  body,
                  call.getRequestHeaders().getFirst(PresenceHook.SIGNATURE),
                  call.getRequestHeaders().getFirst(PresenceHook.DELIVERY)));
          Integer status = statuses.poll();
          call.sendResponseHeaders(status == null ? 204 : status, -1);
          call.close();
        });
    server.start();
    hook = hook(100);
  }

  private PresenceHook hook(int maxQueued) {
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
    return new PresenceHook(uri, SECRET, "n1", maxQueued, nowMs::get, new SplittableRandom(7));
  }

  @AfterEach
  void stop() {
    hook.close();
    server.stop(0);
  }

  private static PresenceEvent join(int n) {
    return new PresenceEvent(Kind.JOIN, "a", "user" + n, n, 1000 + n);
  }

  @Test
  void eventsThatWaitAreOneSignedBatchInOrder() throws Exception {
    hook.offer(join(1));
    hook.offer(new PresenceEvent(Kind.LEAVE, "a", null, 2, 1002));

    assertThat(hook.flush(5000)).isTrue();
    assertThat(posts).hasSize(1);
    Post post = posts.get(0);
    assertThat(post.body)
        .isEqualTo(
            "{\"delivery\":\""
                + post.delivery
                + "\",\"node\":\"n1\",\"dropped\":0,\"events\":["
                + "{\"event\":\"join\",\"channel_id\":\"a\",\"subject\":\"user1\",\"connection_id\":1,"
                + "\"time_ms\":1001},"
                + "{\"event\":\"leave\",\"channel_id\":\"a\",\"subject\":null,\"connection_id\":2,"
                + "\"time_ms\":1002}]}");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    byte[] expected = mac.doFinal(post.body.getBytes(StandardCharsets.UTF_8));
    assertThat(post.signature).isEqualTo("sha256=" + HexFormat.of().formatHex(expected));
  }

  @Test
  void whatAServerDoesNotTakeIsPostedAgainTheVerySameAfterAWait() {
    statuses.addAll(List.of(503, 429));
    hook.offer(join(1));
    hook.post();
    await().until(() -> hook.retries() == 1);
    hook.offer(join(2));
    hook.post();
    assertThat(posts).as("too early").hasSize(1);

    nowMs.addAndGet(200);
    hook.post();
    await().until(() -> hook.retries() == 2);
    nowMs.addAndGet(400);
    assertThat(hook.flush(5000)).isTrue();

    assertThat(posts).hasSize(4);
    assertThat(posts.subList(0, 3)).containsOnly(posts.get(0));
    assertThat(posts.get(3).body).contains("user2").doesNotContain("user1");
    assertThat(hook.dropped()).isZero();
  }

  @Test
  void whatAServerRefusesIsDroppedAndTheNextBatchTellsOfIt() {
    statuses.addAll(List.of(410, 404));
    for (int i = 1; i <= 2; i++) {
      int dropped = i;
      hook.offer(join(i));
      hook.post();
      await().until(() -> hook.dropped() == dropped);
    }
    hook.offer(join(3));

    assertThat(hook.flush(5000)).isTrue();
    assertThat(posts.get(1).body).contains("\"dropped\":1", "user2");
    assertThat(posts.get(2).body).contains("\"dropped\":2", "user3").doesNotContain("user2");
  }

  @Test
  void eventsBeyondTheBoundAreDroppedAndToldOf() {
    hook.close();
    hook = hook(3);
    for (int i = 1; i <= 5; i++) {
      hook.offer(join(i));
    }

    assertThat(hook.dropped()).isEqualTo(2);
    assertThat(hook.flush(5000)).isTrue();
    assertThat(posts.get(0).body).contains("\"dropped\":2", "user3").doesNotContain("user4");
  }

  @Test
  void aServerThatIsDownHoldsUpNobodyAndWhatWaitsIsCountedAtTheEnd() {
    server.stop(0);
    hook.offer(join(1));
    hook.post();
    await().until(() -> hook.retries() == 1);
    hook.offer(join(2));

    assertThat(hook.flush(100)).isFalse();
    hook.close();
    assertThat(hook.dropped()).isEqualTo(2);
  }
}
