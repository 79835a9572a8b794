package io.ssegateway.sources.kafka;

import io.ssegateway.engine.Message;
import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.support.RateLimitedLog;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Which partitions are read, and up to where each was. Outlives the consumer, which is made anew
 * after a failure. Owned by the source's thread.
 */
final class PartitionReader {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final KafkaSourceOptions options;
  private final Map<String, String> journalledOffsets;
  private final RecordMapper mapper;
  private final PublishQueue queue;
  private final SourceCounters counters;
  private final RateLimitedLog warnings;
  private final Logger log;

  /** For each partition that was ever read the offset to go on at. */
  private final Map<TopicPartition, Long> next = new HashMap<>();

  /** The partitions that exist now. */
  private final Set<TopicPartition> present = new HashSet<>();

  /** The ids of the topics that were ever read: a topic that is made anew has another. */
  private final Map<String, Uuid> topicIds = new HashMap<>();

  /** Topics that were not there at some time: what appears in them later is all new. */
  private final Set<String> onceMissing = new HashSet<>();

  private final Map<TopicPartition, String> journalNames = new HashMap<>();
  private boolean firstLookDone;
  private boolean up;

  PartitionReader(
      KafkaSourceOptions options,
      Map<String, String> journalledOffsets,
      RecordMapper mapper,
      PublishQueue queue,
      SourceCounters counters,
      RateLimitedLog warnings,
      Logger log) {
    this.options = options;
    this.journalledOffsets = journalledOffsets;
    this.mapper = mapper;
    this.queue = queue;
    this.counters = counters;
    this.warnings = warnings;
    this.log = log;
  }

  /** Whether the brokers have told once what there is. */
  boolean isReady() {
    return firstLookDone;
  }

  /** Whether all was well at some time. */
  boolean wasUp() {
    return up;
  }

  void markUp() {
    up = true;
  }

  /** Goes on with a new consumer where the one before was. */
  void resume(KafkaConsumer<byte[], byte[]> consumer) {
    consumer.assign(present);
    present.forEach(partition -> consumer.seek(partition, offset(partition)));
  }

  /** Begins with partitions that are new and lets go of those that are gone. */
  void apply(KafkaConsumer<byte[], byte[]> consumer, Topology topology) {
    Set<TopicPartition> partitions = new HashSet<>();
    present.stream().filter(p -> !isGone(p.topic(), topology)).forEach(partitions::add);
    Set<TopicPartition> toSeek = new HashSet<>();
    for (TopicDescription topic : topology.found().values()) {
      boolean madeAnew = isMadeAnew(topic);
      Set<TopicPartition> unknown = new HashSet<>();
      for (TopicPartitionInfo info : topic.partitions()) {
        TopicPartition partition = new TopicPartition(topic.name(), info.partition());
        if (madeAnew || !next.containsKey(partition)) {
          unknown.add(partition);
        }
        if (partitions.add(partition) || madeAnew) {
          toSeek.add(partition);
        }
      }
      begin(consumer, unknown, madeAnew ? StartPosition.EARLIEST : startOf(topic.name()), madeAnew);
      topicIds.put(topic.name(), topic.topicId());
    }
    onceMissing.addAll(topology.missing());
    firstLookDone = true;
    if (!partitions.equals(present) || !toSeek.isEmpty()) {
      consumer.assign(partitions);
      toSeek.forEach(partition -> consumer.seek(partition, offset(partition)));
      present.clear();
      present.addAll(partitions);
      log.info("source {} reads {} partitions", options.name(), present.size());
    }
  }

  private long offset(TopicPartition partition) {
    return next.getOrDefault(partition, 0L);
  }

  private boolean isGone(String topic, Topology topology) {
    return options.topicPattern() == null
        ? topology.missing().contains(topic)
        : !topology.found().containsKey(topic) && topology.troubles().isEmpty();
  }

  private boolean isMadeAnew(TopicDescription topic) {
    Uuid known = topicIds.get(topic.name());
    boolean madeAnew =
        known != null && !known.equals(Uuid.ZERO_UUID) && !known.equals(topic.topicId());
    if (madeAnew) {
      log.warn(
          "topic {} was deleted and made anew: it is read from its beginning, and what of the old"
              + " one was not read is lost",
          topic.name());
    }
    return madeAnew;
  }

  private StartPosition startOf(String topic) {
    boolean appeared =
        topicIds.containsKey(topic)
            || onceMissing.contains(topic)
            || (options.topicPattern() != null && firstLookDone);
    return appeared ? StartPosition.EARLIEST : options.start();
  }

  private void begin(
      KafkaConsumer<byte[], byte[]> consumer,
      Set<TopicPartition> partitions,
      StartPosition start,
      boolean madeAnew) {
    Set<TopicPartition> unknown = new HashSet<>();
    for (TopicPartition partition : partitions) {
      Long journalled = madeAnew ? null : journalled(partition);
      if (journalled == null) {
        unknown.add(partition);
      } else {
        next.put(partition, journalled + 1);
      }
    }
    if (unknown.isEmpty()) {
      return;
    }
    switch (start.kind()) {
      case EARLIEST -> next.putAll(consumer.beginningOffsets(unknown, TIMEOUT));
      case LATEST -> beginAtEnd(consumer, unknown);
      case TIMESTAMP -> beginAtTime(consumer, unknown, start.timestampMs());
    }
  }

  private void beginAtTime(
      KafkaConsumer<byte[], byte[]> consumer, Set<TopicPartition> partitions, long timestampMs) {
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, timestampMs));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times, TIMEOUT);
    Set<TopicPartition> older = new HashSet<>();
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp offset = found.get(partition);
      if (offset == null) {
        older.add(partition);
      } else {
        next.put(partition, offset.offset());
      }
    }
    if (!older.isEmpty()) {
      beginAtEnd(consumer, older);
    }
  }

  /**
   * Where a partition is begun at its end must be in the journal before its first event: else a
   * restart before that event would begin at the end again, and lose what came in between.
   */
  private void beginAtEnd(KafkaConsumer<byte[], byte[]> consumer, Set<TopicPartition> partitions) {
    consumer
        .endOffsets(partitions, TIMEOUT)
        .forEach(
            (partition, end) -> {
              next.put(partition, end);
              queue.add(
                  Message.of(KafkaSource.PLACE_CHANNEL, journalName(partition) + " from " + end)
                      .withSourceOffset(place(partition, end - 1)));
            });
  }

  private @Nullable Long journalled(TopicPartition partition) {
    String offset = journalledOffsets.get(journalName(partition));
    if (offset == null) {
      return null;
    }
    try {
      return Long.valueOf(offset);
    } catch (NumberFormatException e) {
      log.warn(
          "offset of {} in the journal: \"{}\" (expected: a number); it is passed over",
          journalName(partition),
          offset);
      return null;
    }
  }

  private String journalName(TopicPartition partition) {
    return journalNames.computeIfAbsent(
        partition, p -> options.name() + ":" + p.topic() + "-" + p.partition());
  }

  private SourceOffset place(TopicPartition partition, long offset) {
    return new SourceOffset(journalName(partition), Long.toString(offset));
  }

  /** Hands what was fetched to the queue. */
  void accept(ConsumerRecords<byte[], byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> ofPartition = records.records(partition);
      for (ConsumerRecord<byte[], byte[]> record : ofPartition) {
        accept(partition, record);
      }
    }
    records.nextOffsets().forEach((partition, offset) -> next.put(partition, offset.offset()));
    counters.received.addAndGet(records.count());
  }

  private void accept(TopicPartition partition, ConsumerRecord<byte[], byte[]> record) {
    try {
      queue.add(mapper.map(record).withSourceOffset(place(partition, record.offset())));
    } catch (BadRecordException e) {
      counters.invalid.incrementAndGet();
      warnings.warn(
          "record " + partition + " offset " + record.offset() + " is dropped: " + e.getMessage());
    }
  }

  /** Goes on where there is something to read again, and says what is lost. */
  void moveIntoRange(KafkaConsumer<byte[], byte[]> consumer, OffsetOutOfRangeException e) {
    Map<TopicPartition, Long> positions = e.offsetOutOfRangePartitions();
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(positions.keySet(), TIMEOUT);
    positions.forEach(
        (partition, position) -> {
          long beginning = beginnings.getOrDefault(partition, 0L);
          long to = beginning;
          OffsetAndMetadata divergent =
              e instanceof LogTruncationException truncation
                  ? truncation.divergentOffsets().get(partition)
                  : null;
          if (divergent != null) {
            to = divergent.offset();
            log.warn("{} was cut back by its brokers from {} to {}", partition, position, to);
          } else if (position < beginning) {
            counters.lost.addAndGet(beginning - position);
            log.warn(
                "{}: up to {} records from offset {} are lost, because retention removed them before"
                    + " they were read; reading goes on at {}",
                partition,
                beginning - position,
                position,
                beginning);
          } else {
            log.warn(
                "{} ends before offset {}, so it is another log than the one that was read; it is"
                    + " read from its beginning",
                partition,
                position);
          }
          next.put(partition, to);
          consumer.seek(partition, to);
        });
  }

  /** Records that the brokers hold and that are not published yet, or -1 if unknown. */
  long lag(KafkaConsumer<byte[], byte[]> consumer) {
    long sum = 0;
    boolean known = false;
    for (TopicPartition partition : present) {
      OptionalLong lag = consumer.currentLag(partition);
      known |= lag.isPresent();
      sum += lag.orElse(0);
    }
    return known ? sum + queue.size() : -1;
  }

  /** The same for a consumer that is paused, by the ends of the partitions. */
  long lag(Map<TopicPartition, Long> ends) {
    long sum = 0;
    for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
      sum += Math.max(0, end.getValue() - next.getOrDefault(end.getKey(), end.getValue()));
    }
    return ends.isEmpty() ? -1 : sum + queue.size();
  }

  /** The partitions that are read. */
  Set<TopicPartition> partitions() {
    return present;
  }
}
