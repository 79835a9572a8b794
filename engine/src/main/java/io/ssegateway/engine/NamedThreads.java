package io.ssegateway.engine;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Thread factories, so that a thread dump tells what is what. */
final class NamedThreads {
  private NamedThreads() {}

  /** Daemon threads with a name, and if there may be several with a number behind it. */
  static ThreadFactory daemon(String name, boolean numbered) {
    AtomicInteger next = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, numbered ? name + next.getAndIncrement() : name);
      thread.setDaemon(true);
      return thread;
    };
  }
}
