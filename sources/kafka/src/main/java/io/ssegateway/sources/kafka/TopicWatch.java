package io.ssegateway.sources.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the brokers now and then which topics and partitions there are, without holding up the
 * consumer. It is separate from the consumer because that one tells nobody when brokers are away.
 * Owned by the source's thread.
 */
final class TopicWatch implements AutoCloseable {
  private static final int TIMEOUT_MS = 5_000;
  private static final long ENDS_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
  private static final ListOffsetsOptions OFFSETS_OPTIONS =
      new ListOffsetsOptions().timeoutMs(TIMEOUT_MS);
  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Admin admin;
  private final Set<String> topics;
  private final @Nullable Pattern pattern;
  private final long intervalNs;
  private @Nullable CompletableFuture<Topology> asked;
  private @Nullable CompletableFuture<Map<TopicPartition, ListOffsetsResultInfo>> askedEnds;
  private Map<TopicPartition, Long> ends = Map.of();
  private long askAtNs;
  private long askEndsAtNs;
  private @Nullable String trouble;

  TopicWatch(Admin admin, KafkaSourceOptions options, long nowNs) {
    this.admin = admin;
    this.topics = options.topics();
    String regex = options.topicPattern();
    this.pattern = regex == null ? null : Pattern.compile(regex);
    this.intervalNs = TimeUnit.MILLISECONDS.toNanos(options.discoveryIntervalMs());
    this.askAtNs = nowNs;
    this.askEndsAtNs = nowNs;
  }

  /** Why the brokers do not answer, or null. */
  @Nullable String trouble() {
    return trouble;
  }

  /** News, or null if there is none. Does not wait. */
  @Nullable Topology poll(long nowNs) {
    CompletableFuture<Topology> pending = asked;
    if (pending == null) {
      if (nowNs - askAtNs >= 0) {
        asked = ask();
      }
      return null;
    }
    if (!pending.isDone()) {
      return null;
    }
    asked = null;
    try {
      Topology topology = pending.join();
      trouble = null;
      askAtNs = nowNs + (topology.troubles().isEmpty() ? intervalNs : soon());
      return topology;
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      trouble = "brokers do not answer: " + cause.getMessage();
      askAtNs = nowNs + soon();
      return null;
    }
  }

  /**
   * The ends of the partitions, about a second old at most; what is not known is left out. For when
   * the consumer fetches nothing and so hears of none. Does not wait.
   */
  Map<TopicPartition, Long> ends(Set<TopicPartition> partitions, long nowNs) {
    CompletableFuture<Map<TopicPartition, ListOffsetsResultInfo>> pending = askedEnds;
    if (pending == null) {
      if (nowNs - askEndsAtNs >= 0) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        askedEnds = future(admin.listOffsets(latest, OFFSETS_OPTIONS).all());
      }
    } else if (pending.isDone()) {
      askedEnds = null;
      askEndsAtNs = nowNs + ENDS_INTERVAL_NS;
      if (pending.isCompletedExceptionally()) {
        ends = Map.of();
      } else {
        Map<TopicPartition, Long> news = new HashMap<>();
        pending.join().forEach((partition, end) -> news.put(partition, end.offset()));
        ends = news;
      }
    }
    return ends;
  }

  private long soon() {
    return Math.min(intervalNs, RETRY_NS);
  }

  private CompletableFuture<Topology> ask() {
    Pattern p = pattern;
    if (p == null) {
      return describe(topics);
    }
    return future(admin.listTopics(new ListTopicsOptions().timeoutMs(TIMEOUT_MS)).names())
        .thenCompose(
            names -> describe(names.stream().filter(name -> p.matcher(name).matches()).toList()));
  }

  private CompletableFuture<Topology> describe(Collection<String> names) {
    if (names.isEmpty()) {
      return CompletableFuture.completedFuture(new Topology(Map.of(), Set.of(), List.of()));
    }
    Map<String, CompletableFuture<TopicDescription>> each = new HashMap<>();
    admin
        .describeTopics(names, new DescribeTopicsOptions().timeoutMs(TIMEOUT_MS))
        .topicNameValues()
        .forEach((name, description) -> each.put(name, future(description)));
    return CompletableFuture.allOf(each.values().toArray(CompletableFuture<?>[]::new))
        .handle((all, e) -> collect(each, e));
  }

  private static Topology collect(
      Map<String, CompletableFuture<TopicDescription>> each, @Nullable Throwable failure) {
    Map<String, TopicDescription> found = new HashMap<>();
    Set<String> missing = new HashSet<>();
    List<String> troubles = new ArrayList<>();
    each.forEach(
        (name, future) -> {
          Throwable e = future.isCompletedExceptionally() ? failureOf(future) : null;
          if (e == null) {
            TopicDescription description = future.join();
            found.put(name, description);
            leaderless(description, troubles);
          } else if (e instanceof UnknownTopicOrPartitionException) {
            missing.add(name);
            troubles.add("topic " + name + " does not exist");
          } else {
            troubles.add("topic " + name + ": " + e.getMessage());
          }
        });
    if (found.isEmpty() && missing.isEmpty() && failure != null) {
      throw failure instanceof CompletionException e ? e : new CompletionException(failure);
    }
    return new Topology(Map.copyOf(found), Set.copyOf(missing), List.copyOf(troubles));
  }

  private static void leaderless(TopicDescription topic, List<String> troubles) {
    for (TopicPartitionInfo partition : topic.partitions()) {
      if (partition.leader() == null || partition.leader().isEmpty()) {
        troubles.add("partition " + topic.name() + "-" + partition.partition() + " has no leader");
      }
    }
  }

  private static @Nullable Throwable failureOf(CompletableFuture<?> future) {
    return future.<Throwable>handle((value, e) -> e).join();
  }

  private static <T> CompletableFuture<T> future(KafkaFuture<T> future) {
    CompletableFuture<T> result = new CompletableFuture<>();
    future.whenComplete(
        (value, e) -> {
          if (e == null) {
            result.complete(value);
          } else {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
