package io.ssegateway.examples;

import io.ssegateway.engine.EventPublisher;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.transport.netty.Gateway;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** The ways for a program to publish, and to hear what became of it. */
public final class ProgrammaticPublishing {
  private ProgrammaticPublishing() {}

  /** Takes a port; 8080 if there is none. */
  public static void main(String[] args) throws Exception {
    Gateway gateway = Gateway.builder().port(Ports.from(args)).build();
    gateway.start();
    EventPublisher publisher = gateway.publisher();

    // 1. From anywhere, at once. The answer is a result, not an exception: the ring may be full.
    PublishResult result = publisher.publish(Message.of("news", "hello"));
    System.out.println("one message: " + result);

    // 2. Everything that a message can have.
    Message order =
        Message.builder()
            .channel("orders")
            .type("created")
            .id("order-17")
            .data("{\"total\":1999}")
            .build();

    // 3. From a thread that may wait: tries again while the ring is full, and hears when the
    // journal
    //    has the message. From then on no client can miss it without being told.
    CountDownLatch stored = new CountDownLatch(1);
    publisher.publishOrWait(
        order,
        new PublishListener() {
          @Override
          public void onJournalled(int index, long position) {
            System.out.println("stored as " + gateway.engine().eventId(position));
            stored.countDown();
          }

          @Override
          public void onRefused(int index, Refusal refusal, String detail) {
            System.out.println("refused: " + refusal + ", " + detail);
            stored.countDown();
          }
        });
    stored.await();

    // 4. Several that belong together: all of them next to each other, or none.
    List<Message> batch =
        List.of(Message.of("news", "first"), Message.broadcast("notice", "to everyone"));
    System.out.println("batch of " + batch.size() + ": " + publisher.publish(batch, null));

    String url = "http://127.0.0.1:" + gateway.port();
    System.out.println(
        "everything again: curl -N '"
            + url
            + "/sse/connect?channel_id=news&channel_id=orders&last_event_id="
            + gateway.engine().eventId(0)
            + "'");
    Shutdown.drainAtTheEnd(gateway);
  }
}
