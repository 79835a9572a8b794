package io.ssegateway.engine;

import io.ssegateway.engine.journal.Journal;
import io.ssegateway.engine.journal.JournalReader;
import io.ssegateway.engine.support.RateLimitedLog;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * The threads that read the journal, and the chunks that they fill. The number of chunks bounds the
 * memory of all replays together: a thread waits for one to come back from a lane. Thread-safe.
 */
final class ReplayService implements AutoCloseable {
  private final Journal journal;
  private final EngineOptions options;
  private final Counters counters;
  private final Logger log;
  private final RateLimitedLog failures;
  private final ExecutorService threads;
  private final ArrayBlockingQueue<ReplayChunk> chunks;

  ReplayService(Journal journal, EngineOptions options, Counters counters, Logger log) {
    this.journal = journal;
    this.options = options;
    this.counters = counters;
    this.log = log;
    this.failures = new RateLimitedLog(log, TimeUnit.SECONDS.toNanos(1), System::nanoTime);
    this.threads =
        Executors.newFixedThreadPool(
            options.replayThreads(), NamedThreads.daemon("sse-replay-", true));
    int count = options.replayThreads() * 16;
    this.chunks = new ArrayBlockingQueue<>(count);
    for (int i = 0; i < count; i++) {
      chunks.add(new ReplayChunk());
    }
  }

  void submit(Replay replay) {
    try {
      threads.execute(replay);
    } catch (RejectedExecutionException e) {
      log.debug("replay of {} ends: the engine is closed", replay.connection);
    }
  }

  ReplayChunk borrow() {
    try {
      return chunks.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new ReplayChunk(); // the engine closes: nobody waits for it any more
    }
  }

  void giveBack(ReplayChunk chunk) {
    chunk.shrink();
    boolean kept = chunks.offer(chunk);
    if (!kept) {
      log.debug("a chunk beyond the pool is dropped");
    }
  }

  JournalReader open(Connection connection, long after) {
    return journal.open(connection.channels(), after, options.maxReplayEvents());
  }

  void closeLater(JournalReader reader) {
    try {
      threads.execute(() -> close(reader));
    } catch (RejectedExecutionException e) {
      close(reader);
    }
  }

  private void close(JournalReader reader) {
    try {
      reader.close();
    } catch (RuntimeException e) {
      counters.addShared(Counter.CONTAINED_FAILURES, 1);
      failures.error("a reader of journal " + journal.name() + " failed to close", e);
    }
  }

  long oldestPosition() {
    return journal.oldestPosition();
  }

  long newestPosition() {
    return journal.newestPosition();
  }

  void failed(Connection connection, Throwable e) {
    counters.addShared(Counter.CONTAINED_FAILURES, 1);
    failures.error("replay of " + connection + " from journal " + journal.name() + " failed", e);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
        log.warn("replay threads did not end within 5 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
