package io.ssegateway.sources.pubsub;

import com.google.cloud.pubsub.v1.AckReplyConsumer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is on its way into the journal, and what got there of late: Pub/Sub delivers again whatever
 * it did not hear of in time. Thread-safe by a lock.
 */
final class Deliveries {
  private final Map<String, List<AckReplyConsumer>> inFlight = new HashMap<>();
  private final Set<String> journalled;

  Deliveries(int window) {
    this.journalled =
        Collections.newSetFromMap(
            new LinkedHashMap<>() {
              private static final long serialVersionUID = 1;

              @Override
              protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                return size() > window;
              }
            });
  }

  /** What a delivery is. */
  enum Kind {
    /** The first of its message. */
    NEW,
    /** Of a message that is on its way: it is answered with the first. */
    AGAIN,
    /** Of a message that is in the journal. */
    DONE
  }

  synchronized Kind begin(String messageId, AckReplyConsumer reply) {
    if (journalled.contains(messageId)) {
      return Kind.DONE;
    }
    List<AckReplyConsumer> replies = inFlight.get(messageId);
    if (replies != null) {
      replies.add(reply);
      return Kind.AGAIN;
    }
    replies = new ArrayList<>(1);
    replies.add(reply);
    inFlight.put(messageId, replies);
    return Kind.NEW;
  }

  /** Ends a delivery; tells whom to answer. */
  synchronized List<AckReplyConsumer> end(String messageId, boolean isJournalled) {
    if (isJournalled) {
      journalled.add(messageId);
    }
    @Nullable List<AckReplyConsumer> replies = inFlight.remove(messageId);
    return replies == null ? List.of() : replies;
  }
}
