package io.ssegateway.storage.redis;

import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.journal.Refusal;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what becomes of messages. Thread-safe. */
final class Outcomes implements PublishListener {
  final AtomicInteger journalled = new AtomicInteger();
  final AtomicInteger refused = new AtomicInteger();

  @Override
  public void onJournalled(int index, long position) {
    journalled.incrementAndGet();
  }

  @Override
  public void onRefused(int index, Refusal refusal, String detail) {
    refused.incrementAndGet();
  }
}
