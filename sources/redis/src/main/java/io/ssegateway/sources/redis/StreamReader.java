package io.ssegateway.sources.redis;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.support.Backoff;
import io.ssegateway.redis.client.RedisLink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Reads one stream on a thread of its own.
 *
 * <p>Each read begins at the entry read last, not behind it: if that is not there any more, entries
 * behind it may be gone too, and nobody could tell otherwise. When there is nothing new a second,
 * blocking read waits for it.
 */
final class StreamReader implements Runnable {
  private static final int BLOCK_MS = 1_000;

  private final RedisStreamsSource source;
  private final RedisStreamsOptions options;
  private final RedisStreamsOptions.Stream stream;
  private final RedisLink link;
  private final EntryDecoder decoder;
  private final JournalledBatch journalled;
  private final String partition;
  private final Logger log;

  // the thread's own
  private final Backoff backoff;
  private @Nullable StatefulConnection<String, byte[]> connection;
  private @Nullable String position;

  /** Whether the entry at the position was there, so that it has to be there again. */
  private boolean anchored;

  /** Whether the stream had no entry at all when that at the position was found to be gone. */
  private boolean searching;

  private volatile boolean closed;
  private volatile @Nullable String trouble = "not connected yet";

  /**
   * Creates a reader.
   *
   * @param journalledId the id of the newest entry that is journalled, or null
   */
  StreamReader(
      RedisStreamsSource source,
      RedisStreamsOptions options,
      RedisStreamsOptions.Stream stream,
      RedisLink link,
      JournalledBatch journalled,
      @Nullable String journalledId,
      Logger log) {
    this.source = source;
    this.options = options;
    this.stream = stream;
    this.link = link;
    this.backoff = link.newBackoff();
    this.decoder = new EntryDecoder(options.jsonField(), options.strictJson());
    this.journalled = journalled;
    this.partition = partition(options.name(), stream.key());
    this.position = journalledId;
    this.anchored = journalledId != null && !journalledId.equals(StreamPosition.START);
    this.log = log;
  }

  static String partition(String sourceName, String key) {
    return "redis:" + sourceName + ':' + key;
  }

  @Nullable String trouble() {
    return trouble;
  }

  void close() {
    closed = true;
  }

  @Override
  public void run() {
    while (!closed) {
      try {
        StatefulConnection<String, byte[]> c = connection;
        if (c == null) {
          c = link.connect();
          connection = c;
        }
        RedisClusterAsyncCommands<String, byte[]> commands = RedisLink.commands(c);
        if (position == null) {
          position = startPosition(commands);
          notePlace(position);
        }
        while (!closed) {
          readOnce(commands, position);
        }
      } catch (InterruptedException e) {
        return; // closed
      } catch (ExecutionException | TimeoutException | RuntimeException e) {
        if (closed || Thread.interrupted()) {
          return;
        }
        if (trouble == null) {
          source.onConnectionLost();
        }
        trouble = "stream " + stream.key() + ": " + RedisLink.reason(e);
        source.warn(trouble);
        try {
          TimeUnit.MILLISECONDS.sleep(backoff.nextMs());
        } catch (InterruptedException interrupted) {
          return; // closed
        }
      }
    }
  }

  private String startPosition(RedisClusterAsyncCommands<String, byte[]> commands)
      throws ExecutionException, TimeoutException, InterruptedException {
    if (!options.startAt().equals("$")) {
      return options.startAt().equals("0") ? StreamPosition.START : options.startAt();
    }
    String newest = newestId(commands);
    return newest == null ? StreamPosition.START : newest;
  }

  /** What comes from now on is read after a restart too, even if nothing comes before it. */
  private void notePlace(String begun) throws InterruptedException {
    if (options.startAt().equals("$")) {
      Message note =
          Message.of(RedisStreamsSource.PLACE_CHANNEL, partition + " after " + begun)
              .withSourceOffset(new SourceOffset(partition, begun));
      closed = !journalled.offer(note);
    }
  }

  private @Nullable String newestId(RedisClusterAsyncCommands<String, byte[]> commands)
      throws ExecutionException, TimeoutException, InterruptedException {
    List<StreamMessage<String, byte[]>> newest =
        await(commands.xrevrange(stream.key(), Range.unbounded(), Limit.from(1)), 0);
    return newest.isEmpty() ? null : newest.get(0).getId();
  }

  private void readOnce(RedisClusterAsyncCommands<String, byte[]> commands, String after)
      throws ExecutionException, TimeoutException, InterruptedException {
    String from = anchored ? StreamPosition.before(after) : after;
    List<StreamMessage<String, byte[]>> entries =
        await(read(commands, XReadArgs.Builder.count(options.batchEntries() + 1L), from), 0);
    if (trouble != null) {
      trouble = null;
      backoff.reset();
    }
    if (anchored && !entries.isEmpty() && entries.get(0).getId().equals(after)) {
      entries = entries.subList(1, entries.size());
    } else if (anchored || searching) {
      anchored = false;
      onAnchorGone(commands, after);
      if (!after.equals(position)) {
        return; // begins anew
      }
    }
    if (entries.isEmpty()) {
      await(read(commands, XReadArgs.Builder.block(BLOCK_MS).count(1), after), BLOCK_MS);
      return;
    }
    if (publish(entries)) {
      position = entries.get(entries.size() - 1).getId();
      anchored = true;
    }
  }

  @SuppressWarnings("unchecked") // Lettuce takes the streams as an array of a generic type
  private RedisFuture<List<StreamMessage<String, byte[]>>> read(
      RedisClusterAsyncCommands<String, byte[]> commands, XReadArgs args, String after) {
    return commands.xread(args, StreamOffset.from(stream.key(), after));
  }

  /** The entry read last is gone: deleted alone, or with all before it, and perhaps more. */
  private void onAnchorGone(RedisClusterAsyncCommands<String, byte[]> commands, String after)
      throws ExecutionException, TimeoutException, InterruptedException {
    String newest = newestId(commands);
    searching = newest == null;
    if (newest == null) {
      return; // no entry is left; the next one tells more
    }
    List<StreamMessage<String, byte[]>> earlier =
        await(
            commands.xrange(stream.key(), Range.create(StreamPosition.START, after), Limit.from(1)),
            0);
    if (!earlier.isEmpty() && StreamPosition.isAfter(newest, after)) {
      return; // deleted alone
    }
    source.onHole();
    if (StreamPosition.isAfter(newest, after)) {
      log.warn(
          "source {}: stream {} was trimmed beyond entry {}, which was the last one read: entries may"
              + " be missing; it goes on with what is left",
          options.name(),
          stream.key(),
          after);
    } else {
      log.error(
          "source {}: stream {} is another one: its newest entry is {}, and {} was read already; it"
              + " is read from its beginning",
          options.name(),
          stream.key(),
          newest,
          after);
      position = StreamPosition.START;
    }
  }

  /** Answers false if the engine is closed. */
  private boolean publish(List<StreamMessage<String, byte[]>> entries) throws InterruptedException {
    List<Message> messages = new ArrayList<>(entries.size());
    for (StreamMessage<String, byte[]> entry : entries) {
      source.onReceived();
      try {
        messages.add(
            decoder
                .decode(entry.getBody(), stream.channel())
                .withSourceOffset(new SourceOffset(partition, entry.getId())));
      } catch (IllegalArgumentException e) {
        source.onInvalid(
            "entry " + entry.getId() + " of stream " + stream.key() + ": " + e.getMessage());
      }
    }
    if (!journalled.publish(messages)) {
      closed = true;
      return false;
    }
    return true;
  }

  private <T> T await(RedisFuture<T> future, long moreMs)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      return future.get(options.connection().timeoutMs() + moreMs, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | InterruptedException e) {
      future.cancel(true);
      throw e;
    }
  }
}
