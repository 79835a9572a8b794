package io.ssegateway.storage.chronicle;

import io.ssegateway.engine.Engine;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.PublishListener;
import io.ssegateway.engine.PublishResult;
import io.ssegateway.engine.SourceOffset;
import io.ssegateway.engine.journal.JournalException;
import io.ssegateway.engine.journal.Refusal;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Publishes through an engine with a journal until it is killed, and says on its standard output
 * which events were acknowledged: {@code ack <number> <position>}.
 */
final class ChildPublisher {
  static final int CHANNELS = 5;

  private ChildPublisher() {}

  static String channel(long number) {
    return number % 11 == 0 ? null : "c" + number % CHANNELS;
  }

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    long number = Long.parseLong(arguments[1]);
    FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    long minFree = arguments.length > 2 ? Long.parseLong(arguments[2]) : 0;
    long startNs = System.nanoTime();
    ChronicleJournal journal;
    try {
      journal =
          ChronicleJournal.open(
              Journals.small(directory).rollBytes(256 * 1024).minFreeBytes(minFree).build());
    } catch (JournalException e) {
      say(out, "failed " + e.getMessage());
      return;
    }
    say(out, "pid " + ProcessHandle.current().pid());
    say(out, "opened " + (System.nanoTime() - startNs) / 1_000_000);
    Engine engine = Engine.builder().journal(journal).lanes(1).build();
    engine.start();
    say(out, "epoch " + journal.epoch());
    say(out, "offset " + journal.sourceOffsets().getOrDefault("test", "none"));
    while (true) {
      long n = number++;
      Message message =
          Message.builder()
              .channel(channel(n))
              .data(Long.toString(n))
              .sourceOffset(new SourceOffset("test", Long.toString(n)))
              .build();
      PublishListener listener =
          new PublishListener() {
            @Override
            public void onJournalled(int index, long position) {
              say(out, "ack " + n + " " + position);
            }

            @Override
            public void onRefused(int index, Refusal refusal, String detail) {
              say(out, "refused " + n + " " + refusal + " " + detail);
            }
          };
      PublishResult result = engine.publisher().publishOrWait(message, listener);
      if (result != PublishResult.PUBLISHED) {
        throw new IllegalStateException("publish: " + result);
      }
    }
  }

  private static void say(FileOutputStream out, String line) {
    try {
      out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
