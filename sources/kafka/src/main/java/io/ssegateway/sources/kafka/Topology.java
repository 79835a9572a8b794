package io.ssegateway.sources.kafka;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.TopicDescription;

/**
 * The topics to read, as the brokers tell of them. Immutable.
 *
 * @param found what exists, by name
 * @param missing topics asked for by name that do not exist
 * @param troubles what is wrong, for people to read
 */
record Topology(Map<String, TopicDescription> found, Set<String> missing, List<String> troubles) {}
