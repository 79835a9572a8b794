package io.ssegateway.sources.pubsub;

import com.google.api.core.ApiFutureCallback;
import com.google.api.core.ApiFutures;
import com.google.api.core.ApiService;
import com.google.api.gax.batching.FlowControlSettings;
import com.google.api.gax.batching.FlowController;
import com.google.api.gax.core.CredentialsProvider;
import com.google.api.gax.core.FixedExecutorProvider;
import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.api.gax.rpc.AlreadyExistsException;
import com.google.api.gax.rpc.NotFoundException;
import com.google.cloud.pubsub.v1.AckReplyConsumer;
import com.google.cloud.pubsub.v1.Publisher;
import com.google.cloud.pubsub.v1.Subscriber;
import com.google.cloud.pubsub.v1.SubscriberShutdownSettings;
import com.google.cloud.pubsub.v1.SubscriptionAdminClient;
import com.google.cloud.pubsub.v1.SubscriptionAdminSettings;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.pubsub.v1.ExpirationPolicy;
import com.google.pubsub.v1.PubsubMessage;
import com.google.pubsub.v1.Subscription;
import com.google.pubsub.v1.SubscriptionName;
import com.google.pubsub.v1.TopicName;
import io.ssegateway.engine.EventPublisher;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.MessageSource;
import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.SourceContext;
import io.ssegateway.engine.SourceHealth;
import io.ssegateway.engine.SourceStats;
import io.ssegateway.engine.journal.Refusal;
import io.ssegateway.engine.support.Backoff;
import io.ssegateway.engine.support.RateLimitedLog;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source that reads a Google Cloud Pub/Sub subscription, or a topic by a subscription of its own.
 * Thread-safe; one thread receives, so messages go into the ring as they arrive, which is the order
 * of each ordering key.
 */
public final class GooglePubSubSource implements MessageSource {
  private static final Logger LOG = LoggerFactory.getLogger(GooglePubSubSource.class);
  private static final long WARN_INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);
  private static final long MAX_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
  private static final int ACK_DEADLINE_SECONDS = 60;

  /** The least that the service takes; the subscription of a node that was killed ends by it. */
  private static final Duration EXPIRES_AFTER = Duration.ofDays(1);

  private final GooglePubSubOptions options;
  private final SourceCounters counters = new SourceCounters();
  private final RateLimitedLog warnings =
      new RateLimitedLog(LOG, WARN_INTERVAL_NS, System::nanoTime);
  private final StreamWatch watch = new StreamWatch(System::nanoTime, counters.reconnects);
  private final Deliveries deliveries;
  private final SubscriptionName subscription;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ScheduledExecutorService receiverThread;
  private @Nullable Thread thread;
  private volatile boolean started;

  /** A source with the options. */
  public GooglePubSubSource(GooglePubSubOptions options) {
    this.options = Objects.requireNonNull(options, "options");
    this.deliveries = new Deliveries(options.duplicateWindow());
    String name = options.subscription();
    this.subscription =
        SubscriptionName.of(
            options.project(),
            name == null ? "sse-gateway-" + UUID.randomUUID().toString().substring(0, 18) : name);
    this.receiverThread =
        Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "-receive"));
  }

  private Thread daemon(Runnable task, String suffix) {
    Thread t = new Thread(task, "sse-source-" + options.name() + suffix);
    t.setDaemon(true);
    return t;
  }

  @Override
  public String name() {
    return options.name();
  }

  /** The subscription that is read, without its project. */
  public String subscription() {
    return subscription.getSubscription();
  }

  @Override
  public void start(SourceContext context) {
    started = true;
    Thread t = daemon(() -> run(context.publisher()), "");
    thread = t;
    t.start();
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void run(EventPublisher publisher) {
    Backoff backoff =
        new Backoff(options.minBackoffMs(), options.maxBackoffMs(), RandomGenerator.getDefault());
    boolean created = options.topic() == null;
    while (!isClosing()) {
      try {
        if (!created) {
          create();
          created = true;
        }
        receive(publisher);
      } catch (InterruptedException e) {
        closing.countDown();
      } catch (Exception e) {
        Throwable cause =
            e instanceof IllegalStateException && e.getCause() != null ? e.getCause() : e;
        if (cause instanceof NotFoundException && options.topic() != null) {
          created = false; // expired, or deleted by somebody
        }
        failed(cause, backoff.nextMs());
      }
    }
    if (created && options.topic() != null) {
      delete();
    }
  }

  private void failed(Throwable e, long waitMs) {
    watch.ended(String.valueOf(e.getMessage()));
    LOG.warn("source {} failed and begins again in {} ms: {}", name(), waitMs, e.toString());
    try {
      if (closing.await(waitMs, TimeUnit.MILLISECONDS)) {
        LOG.debug("source {} closes", name());
      }
    } catch (InterruptedException interrupted) {
      closing.countDown();
    }
  }

  private void receive(EventPublisher publisher) throws InterruptedException, IOException {
    Publisher deadLetters = deadLetters();
    Subscriber subscriber = null;
    try {
      Receiver receiver =
          new Receiver(
              publisher,
              new MessageMapper(options.channelRequired(), publisher.maxPayloadBytes()),
              deadLetters);
      subscriber =
          Subscriber.newBuilder(subscription.toString(), receiver::receive)
              .setChannelProvider(channel().build())
              .setCredentialsProvider(credentials())
              .setExecutorProvider(FixedExecutorProvider.create(receiverThread))
              .setParallelPullCount(1)
              .setFlowControlSettings(
                  FlowControlSettings.newBuilder()
                      .setMaxOutstandingElementCount(
                          (long) Math.min(options.maxOutstandingMessages(), publisher.maxBatch()))
                      .setMaxOutstandingRequestBytes(options.maxOutstandingBytes())
                      .setLimitExceededBehavior(FlowController.LimitExceededBehavior.Block)
                      .build())
              .setSubscriberShutdownSettings(
                  SubscriberShutdownSettings.newBuilder()
                      .setMode(SubscriberShutdownSettings.ShutdownMode.WAIT_FOR_PROCESSING)
                      .setTimeout(STOP_TIMEOUT)
                      .build())
              .build();
      CountDownLatch over = new CountDownLatch(1);
      subscriber.addListener(new EndListener(over), MoreExecutors.directExecutor());
      subscriber.startAsync();
      while (!isClosing() && !over.await(50, TimeUnit.MILLISECONDS)) {
        // goes on by itself until it fails for good
      }
      if (!isClosing()) {
        throw new IllegalStateException(subscriber.failureCause());
      }
    } finally {
      stop(subscriber);
      if (deadLetters != null) {
        deadLetters.shutdown();
        deadLetters.awaitTermination(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void stop(@Nullable Subscriber subscriber) {
    if (subscriber == null || subscriber.state() == ApiService.State.FAILED) {
      return;
    }
    try {
      subscriber.stopAsync().awaitTerminated(2 * STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | IllegalStateException e) {
      LOG.warn("source {} does not end cleanly: {}", name(), e.toString());
    }
  }

  private static final class EndListener extends ApiService.Listener {
    private final CountDownLatch over;

    EndListener(CountDownLatch over) {
      this.over = over;
    }

    @Override
    public void failed(ApiService.State from, Throwable failure) {
      over.countDown();
    }

    @Override
    public void terminated(ApiService.State from) {
      over.countDown();
    }
  }

  private InstantiatingGrpcChannelProvider.Builder channel() {
    InstantiatingGrpcChannelProvider.Builder channel =
        SubscriptionAdminSettings.defaultGrpcTransportProviderBuilder()
            .setInterceptorProvider(() -> List.of(watch));
    String emulator = options.emulatorHost();
    if (emulator != null) {
      channel.setEndpoint(emulator).setChannelConfigurator(plain -> plain.usePlaintext());
    }
    return channel;
  }

  private CredentialsProvider credentials() {
    return options.emulatorHost() == null
        ? SubscriptionAdminSettings.defaultCredentialsProviderBuilder().build()
        : NoCredentialsProvider.create();
  }

  private @Nullable Publisher deadLetters() throws IOException {
    String topic = options.deadLetterTopic();
    return topic == null
        ? null
        : Publisher.newBuilder(TopicName.of(options.project(), topic))
            .setChannelProvider(channel().build())
            .setCredentialsProvider(credentials())
            .build();
  }

  private SubscriptionAdminClient admin() throws IOException {
    return SubscriptionAdminClient.create(
        SubscriptionAdminSettings.newBuilder()
            .setTransportChannelProvider(channel().build())
            .setCredentialsProvider(credentials())
            .build());
  }

  private void create() throws IOException {
    try (SubscriptionAdminClient admin = admin()) {
      admin.createSubscription(
          Subscription.newBuilder()
              .setName(subscription.toString())
              .setTopic(
                  TopicName.of(options.project(), Objects.requireNonNull(options.topic()))
                      .toString())
              .setAckDeadlineSeconds(ACK_DEADLINE_SECONDS)
              .setEnableMessageOrdering(true)
              .setExpirationPolicy(
                  ExpirationPolicy.newBuilder()
                      .setTtl(
                          com.google.protobuf.Duration.newBuilder()
                              .setSeconds(EXPIRES_AFTER.toSeconds())))
              .build());
      LOG.info("source {} created the subscription {}", name(), subscription);
    } catch (AlreadyExistsException e) {
      LOG.debug("the subscription {} is there: an answer was lost", subscription);
    }
  }

  private void delete() {
    try (SubscriptionAdminClient admin = admin()) {
      admin.deleteSubscription(subscription);
    } catch (IOException | RuntimeException e) {
      LOG.warn(
          "source {} cannot delete its subscription {}, which ends by itself in {} days: {}",
          name(),
          subscription,
          EXPIRES_AFTER.toDays(),
          e.toString());
    }
  }

  @Override
  public SourceHealth health() {
    if (!started || isClosing()) {
      return SourceHealth.down(started ? "closed" : "not started");
    }
    return watch.health();
  }

  @Override
  public SourceStats stats() {
    return counters.stats();
  }

  /** Messages that came again after they were journalled, and were only acknowledged. */
  public long duplicates() {
    return counters.duplicates.get();
  }

  @Override
  public void close() {
    closing.countDown();
    Thread t = thread;
    try {
      if (t != null) {
        t.join(4 * STOP_TIMEOUT.toMillis());
        if (t.isAlive()) {
          LOG.warn("source {} does not end: it is interrupted", name());
          t.interrupt();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    receiverThread.shutdown();
  }

  /** Takes messages from the client. Receiving thread. */
  private final class Receiver {
    private final EventPublisher publisher;
    private final MessageMapper mapper;
    private final @Nullable Publisher deadLetters;

    Receiver(EventPublisher publisher, MessageMapper mapper, @Nullable Publisher deadLetters) {
      this.publisher = publisher;
      this.mapper = mapper;
      this.deadLetters = deadLetters;
    }

    void receive(PubsubMessage message, AckReplyConsumer reply) {
      if (isClosing()) {
        reply.nack();
        return;
      }
      counters.received.incrementAndGet();
      switch (deliveries.begin(message.getMessageId(), reply)) {
        case NEW -> publish(message);
        case AGAIN -> counters.duplicates.incrementAndGet();
        case DONE -> {
          counters.duplicates.incrementAndGet();
          reply.ack();
        }
      }
    }

    private void publish(PubsubMessage message) {
      Message event;
      try {
        event = mapper.map(message);
      } catch (BadMessageException e) {
        dispose(message, e.detail());
        return;
      }
      PublishResult result = publishOrWait(event, new Delivery(this, message));
      switch (result) {
        case PUBLISHED -> {}
        case TOO_LARGE -> dispose(message, "larger than the engine takes");
        default -> end(message, false);
      }
    }

    /** Waits while the ring is full: the client holds its leases and takes no more meanwhile. */
    private PublishResult publishOrWait(Message event, Delivery delivery) {
      long pauseNs = TimeUnit.MICROSECONDS.toNanos(50);
      boolean waited = false;
      while (true) {
        PublishResult result = publisher.publish(event, delivery);
        boolean full =
            result == PublishResult.BACK_PRESSURED || result == PublishResult.JOURNAL_UNAVAILABLE;
        if (!full || isClosing()) {
          return result;
        }
        if (!waited) {
          waited = true;
          counters.waits.incrementAndGet();
        }
        LockSupport.parkNanos(pauseNs);
        pauseNs = Math.min(pauseNs * 2, MAX_PAUSE_NS);
      }
    }

    /** Answers everyone who delivered the message. */
    private void end(PubsubMessage message, boolean isDone) {
      for (AckReplyConsumer reply : deliveries.end(message.getMessageId(), isDone)) {
        if (isDone) {
          reply.ack();
        } else {
          reply.nack();
        }
      }
    }

    /** A message that can never be an event must not come back for ever. */
    private void dispose(PubsubMessage message, String why) {
      counters.invalid.incrementAndGet();
      warnings.warn("message " + message.getMessageId() + " is no event: " + why);
      Publisher to = deadLetters;
      if (to == null) {
        end(message, true);
        return;
      }
      PubsubMessage copy =
          PubsubMessage.newBuilder()
              .setData(message.getData())
              .putAllAttributes(message.getAttributesMap())
              .putAttributes("sse_gateway_reason", why)
              .putAttributes("sse_gateway_message_id", message.getMessageId())
              .build();
      ApiFutures.addCallback(
          to.publish(copy),
          new ApiFutureCallback<>() {
            @Override
            public void onSuccess(String id) {
              end(message, true);
            }

            @Override
            public void onFailure(Throwable e) {
              warnings.warn("dead letter could not be published: " + e.getMessage());
              end(message, false);
            }
          },
          MoreExecutors.directExecutor());
    }
  }

  /** A message in the ring. Called by the journal thread. */
  private static final class Delivery implements PublishListener {
    private final Receiver receiver;
    private final PubsubMessage message;

    Delivery(Receiver receiver, PubsubMessage message) {
      this.receiver = receiver;
      this.message = message;
    }

    @Override
    public void onJournalled(int index, long position) {
      receiver.end(message, true);
    }

    @Override
    public void onRefused(int index, Refusal refusal, String detail) {
      if (refusal == Refusal.RECORD_TOO_LARGE) {
        receiver.dispose(message, detail);
      } else {
        receiver.end(message, false);
      }
    }
  }
}
