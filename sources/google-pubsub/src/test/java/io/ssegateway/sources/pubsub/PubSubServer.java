package io.ssegateway.sources.pubsub;

import com.google.protobuf.Empty;
import com.google.pubsub.v1.AcknowledgeRequest;
import com.google.pubsub.v1.DeleteSubscriptionRequest;
import com.google.pubsub.v1.DeleteTopicRequest;
import com.google.pubsub.v1.GetSubscriptionRequest;
import com.google.pubsub.v1.ModifyAckDeadlineRequest;
import com.google.pubsub.v1.PublishRequest;
import com.google.pubsub.v1.PublishResponse;
import com.google.pubsub.v1.PublisherGrpc;
import com.google.pubsub.v1.PubsubMessage;
import com.google.pubsub.v1.ReceivedMessage;
import com.google.pubsub.v1.StreamingPullRequest;
import com.google.pubsub.v1.StreamingPullResponse;
import com.google.pubsub.v1.SubscriberGrpc;
import com.google.pubsub.v1.Subscription;
import com.google.pubsub.v1.Topic;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Google's published Pub/Sub service, as much of it as subscribers see: topics, subscriptions,
 * streaming pull with flow control, ack deadlines, redelivery, ordering keys. What it holds
 * outlives a kill of its server. Every method holds the one lock.
 */
final class PubSubServer implements AutoCloseable {
  private static final int MAX_BATCH = 100;

  /** A message of a subscription that is not acknowledged yet. */
  private static final class Pending {
    final PubsubMessage message;
    String ackId;
    long deadlineNs;

    Pending(PubsubMessage message) {
      this.message = message;
    }
  }

  /** A subscription's backlog, by order of publishing. */
  private static final class Backlog {
    final Subscription subscription;
    final TreeMap<Long, Pending> pending = new TreeMap<>();
    final List<Stream> streams = new ArrayList<>();

    Backlog(Subscription subscription) {
      this.subscription = subscription;
    }
  }

  private final Map<String, List<PubsubMessage>> topics = new LinkedHashMap<>();
  private final Map<String, Backlog> backlogs = new LinkedHashMap<>();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private Server server;
  private int port;
  private long nextMessage = 1;
  private long nextAck = 1;
  private long delivered;

  PubSubServer() {
    clock.scheduleAtFixedRate(this::tick, 20, 20, TimeUnit.MILLISECONDS);
  }

  synchronized void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .addService(new PublisherService())
            .addService(new SubscriberService())
            .build()
            .start();
    port = server.getPort();
  }

  /** Cuts every connection; deliveries that were not acknowledged come again. */
  void kill() throws InterruptedException {
    server.shutdownNow();
    server.awaitTermination(10, TimeUnit.SECONDS);
    synchronized (this) {
      for (Backlog backlog : backlogs.values()) {
        backlog.streams.clear();
        backlog.pending.values().forEach(pending -> pending.ackId = null);
      }
    }
  }

  String host() {
    return "127.0.0.1:" + port;
  }

  synchronized void createTopic(String topic) {
    topics.put(topic, new ArrayList<>());
  }

  synchronized void createSubscription(Subscription subscription) {
    backlogs.put(subscription.getName(), new Backlog(subscription));
  }

  synchronized List<Subscription> subscriptions() {
    return backlogs.values().stream().map(backlog -> backlog.subscription).toList();
  }

  synchronized int backlog(String subscription) {
    return backlogs.get(subscription).pending.size();
  }

  synchronized List<PubsubMessage> published(String topic) {
    return List.copyOf(topics.get(topic));
  }

  synchronized long delivered() {
    return delivered;
  }

  synchronized void publish(String topic, PubsubMessage message) {
    long number = nextMessage++;
    PubsubMessage stored =
        PubsubMessage.newBuilder(message).setMessageId(Long.toString(number)).build();
    topics.get(topic).add(stored);
    for (Backlog backlog : backlogs.values()) {
      if (backlog.subscription.getTopic().equals(topic)) {
        backlog.pending.put(number, new Pending(stored));
      }
    }
  }

  private synchronized void tick() {
    long now = System.nanoTime();
    for (Backlog backlog : backlogs.values()) {
      for (Pending pending : backlog.pending.values()) {
        if (pending.ackId != null && now - pending.deadlineNs >= 0) {
          takeBack(backlog, pending);
        }
      }
      for (Stream stream : backlog.streams) {
        while (stream.deliver()) {
          // as long as there is something, and room
        }
      }
    }
  }

  /** With ordering, what follows of the key comes again too. */
  private static void takeBack(Backlog backlog, Pending from) {
    from.ackId = null;
    String key = from.message.getOrderingKey();
    if (backlog.subscription.getEnableMessageOrdering() && !key.isEmpty()) {
      boolean after = false;
      for (Pending pending : backlog.pending.values()) {
        after |= pending == from;
        if (after && pending.message.getOrderingKey().equals(key)) {
          pending.ackId = null;
        }
      }
    }
  }

  private void acknowledge(Backlog backlog, List<String> ackIds) {
    for (String ackId : ackIds) {
      long number = Long.parseLong(ackId.substring(0, ackId.indexOf('-')));
      Pending pending = backlog.pending.get(number);
      if (pending != null && ackId.equals(pending.ackId)) {
        backlog.pending.remove(number);
      }
    }
  }

  private void modify(Backlog backlog, List<String> ackIds, int seconds) {
    for (String ackId : ackIds) {
      Pending pending = backlog.pending.get(Long.valueOf(ackId.substring(0, ackId.indexOf('-'))));
      if (pending != null && ackId.equals(pending.ackId)) {
        if (seconds == 0) {
          takeBack(backlog, pending);
        } else {
          pending.deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        }
      }
    }
  }

  /** A client that pulls. */
  private final class Stream {
    final Backlog backlog;
    final ServerCallStreamObserver<StreamingPullResponse> out;
    final long maxOutstanding;
    final int deadlineSeconds;
    private boolean dead;

    Stream(
        Backlog backlog,
        ServerCallStreamObserver<StreamingPullResponse> out,
        StreamingPullRequest first) {
      this.backlog = backlog;
      this.out = out;
      this.maxOutstanding =
          first.getMaxOutstandingMessages() == 0
              ? Long.MAX_VALUE
              : first.getMaxOutstandingMessages();
      this.deadlineSeconds = first.getStreamAckDeadlineSeconds();
    }

    boolean deliver() {
      if (dead || out.isCancelled() || !out.isReady()) {
        return false;
      }
      List<Pending> leased = new ArrayList<>();
      long outstanding = backlog.pending.values().stream().filter(p -> p.ackId != null).count();
      StreamingPullResponse.Builder response = StreamingPullResponse.newBuilder();
      for (Map.Entry<Long, Pending> entry : backlog.pending.entrySet()) {
        Pending pending = entry.getValue();
        if (response.getReceivedMessagesCount() == MAX_BATCH || outstanding >= maxOutstanding) {
          break;
        }
        if (pending.ackId == null) {
          pending.ackId = entry.getKey() + "-" + nextAck++;
          pending.deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(deadlineSeconds);
          response.addReceivedMessages(
              ReceivedMessage.newBuilder().setAckId(pending.ackId).setMessage(pending.message));
          outstanding++;
          delivered++;
          leased.add(pending);
        }
      }
      if (response.getReceivedMessagesCount() == 0) {
        return false;
      }
      response
          .getSubscriptionPropertiesBuilder()
          .setMessageOrderingEnabled(backlog.subscription.getEnableMessageOrdering());
      try {
        out.onNext(response.build());
      } catch (RuntimeException e) {
        dead = true; // cancelled just now: nobody has got them, and the clock must go on
        leased.forEach(pending -> pending.ackId = null);
        delivered -= leased.size();
        return false;
      }
      return true;
    }
  }

  private final class PublisherService extends PublisherGrpc.PublisherImplBase {
    @Override
    public void createTopic(Topic request, StreamObserver<Topic> out) {
      PubSubServer.this.createTopic(request.getName());
      out.onNext(request);
      out.onCompleted();
    }

    @Override
    public void deleteTopic(DeleteTopicRequest request, StreamObserver<Empty> out) {
      synchronized (PubSubServer.this) {
        if (topics.remove(request.getTopic()) == null) {
          out.onError(Status.NOT_FOUND.withDescription("no topic").asException());
          return;
        }
      }
      out.onNext(Empty.getDefaultInstance());
      out.onCompleted();
    }

    @Override
    public void publish(PublishRequest request, StreamObserver<PublishResponse> out) {
      PublishResponse.Builder response = PublishResponse.newBuilder();
      synchronized (PubSubServer.this) {
        for (PubsubMessage message : request.getMessagesList()) {
          response.addMessageIds(Long.toString(nextMessage));
          PubSubServer.this.publish(request.getTopic(), message);
        }
      }
      out.onNext(response.build());
      out.onCompleted();
    }
  }

  private final class SubscriberService extends SubscriberGrpc.SubscriberImplBase {
    @Override
    public void getSubscription(GetSubscriptionRequest request, StreamObserver<Subscription> out) {
      synchronized (PubSubServer.this) {
        Backlog backlog = backlogs.get(request.getSubscription());
        if (backlog == null) {
          out.onError(Status.NOT_FOUND.withDescription("no subscription").asException());
          return;
        }
        out.onNext(backlog.subscription);
      }
      out.onCompleted();
    }

    @Override
    public void createSubscription(Subscription request, StreamObserver<Subscription> out) {
      PubSubServer.this.createSubscription(request);
      out.onNext(request);
      out.onCompleted();
    }

    @Override
    public void deleteSubscription(DeleteSubscriptionRequest request, StreamObserver<Empty> out) {
      synchronized (PubSubServer.this) {
        backlogs.remove(request.getSubscription());
      }
      out.onNext(Empty.getDefaultInstance());
      out.onCompleted();
    }

    @Override
    public void acknowledge(AcknowledgeRequest request, StreamObserver<Empty> out) {
      synchronized (PubSubServer.this) {
        PubSubServer.this.acknowledge(
            backlogs.get(request.getSubscription()), request.getAckIdsList());
      }
      out.onNext(Empty.getDefaultInstance());
      out.onCompleted();
    }

    @Override
    public void modifyAckDeadline(ModifyAckDeadlineRequest request, StreamObserver<Empty> out) {
      synchronized (PubSubServer.this) {
        modify(
            backlogs.get(request.getSubscription()),
            request.getAckIdsList(),
            request.getAckDeadlineSeconds());
      }
      out.onNext(Empty.getDefaultInstance());
      out.onCompleted();
    }

    @Override
    public StreamObserver<StreamingPullRequest> streamingPull(
        StreamObserver<StreamingPullResponse> out) {
      return new StreamObserver<>() {
        private Stream stream;

        @Override
        public void onNext(StreamingPullRequest request) {
          synchronized (PubSubServer.this) {
            if (stream == null) {
              Backlog backlog = backlogs.get(request.getSubscription());
              if (backlog == null) {
                out.onError(Status.NOT_FOUND.withDescription("no subscription").asException());
                return;
              }
              stream =
                  new Stream(
                      backlog, (ServerCallStreamObserver<StreamingPullResponse>) out, request);
              backlog.streams.add(stream);
            }
            PubSubServer.this.acknowledge(stream.backlog, request.getAckIdsList());
          }
        }

        @Override
        public void onError(Throwable e) {
          leave();
        }

        @Override
        public void onCompleted() {
          leave();
          out.onCompleted();
        }

        private void leave() {
          synchronized (PubSubServer.this) {
            if (stream != null) {
              stream.backlog.streams.remove(stream);
            }
          }
        }
      };
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
    server.shutdownNow();
  }
}
