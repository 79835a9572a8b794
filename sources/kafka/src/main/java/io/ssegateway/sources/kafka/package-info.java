/**
 * Messages out of Kafka topics.
 *
 * <pre>
 *                       kafka thread of the source                              journal thread
 *  brokers ──▶ KafkaConsumer ─▶ RecordMapper ─▶ PublishQueue ─▶ EventPublisher ─▶ journal (with offset)
 *     ▲              ▲ pause, resume ◀── ring full ──┘  ▲                            │
 *     └── TopicWatch ┘ new topics, partitions           └───── refused ◀─────────────┘
 * </pre>
 *
 * <p>Every node reads every partition, without a group: partitions are assigned, not subscribed to.
 * Where a partition was read up to travels in the journal with each event, so a restart with a
 * durable journal goes on without loss and without a double.
 */
@NullMarked
package io.ssegateway.sources.kafka;

import org.jspecify.annotations.NullMarked;
