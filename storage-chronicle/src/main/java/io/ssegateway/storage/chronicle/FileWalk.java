package io.ssegateway.storage.chronicle;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a roll file from its start to its end, record by record, and checks each. Every excerpt of
 * a queue stands behind a header of four bytes: its length, and two bits that say whether it is
 * metadata of the queue, and whether it is still being written.
 */
final class FileWalk {
  private static final int NOT_COMPLETE = 0x8000_0000;
  private static final int META_DATA = 0x4000_0000;
  private static final int LENGTH_MASK = 0x3FFF_FFFF;
  static final int END_OF_FILE = NOT_COMPLETE | META_DATA;
  private static final int HEADER = 4;

  /** Takes the records of a file in their order. */
  interface Visitor {
    void onRecord(RollFile file, UnsafeBuffer buffer, int at);
  }

  private final RollFile file;
  private final UnsafeBuffer buffer;
  private final ByteBuffer bytes;
  private final CRC32C crc = new CRC32C();

  // the outcome

  /** Where the next excerpt would begin. */
  long end;

  /** Whether the queue has marked the end of the file. */
  boolean sealed;

  /** What is wrong with the file and where, or null. */
  @Nullable String problem;

  /** Whether there are intact records behind a problem. */
  boolean recordsBehind;

  /** Bytes that belong to no intact record, in a walk that goes on behind them. */
  long lostBytes;

  private FileWalk(RollFile file, RollFile.View view) {
    this.file = file;
    this.buffer = view.buffer();
    this.bytes = view.bytes().duplicate();
  }

  /** Reads up to the end or the first problem. */
  static FileWalk check(RollFile file, Visitor visitor) {
    return run(file, visitor, false);
  }

  /** Reads every intact record, also behind problems. */
  static FileWalk salvage(RollFile file, Visitor visitor) {
    return run(file, visitor, true);
  }

  private static FileWalk run(RollFile file, Visitor visitor, boolean salvage) {
    if (!file.acquire()) {
      throw new IllegalStateException(file + " is retired (expected: in use)");
    }
    try {
      RollFile.View view = file.view(0);
      if (view == null) {
        throw new IllegalStateException(file + " has no view");
      }
      FileWalk walk = new FileWalk(file, view);
      walk.run(visitor, salvage);
      return walk;
    } finally {
      file.release();
    }
  }

  private void run(Visitor visitor, boolean salvage) {
    long at = 0;
    while (true) {
      at = step(at, visitor);
      if (at >= 0) {
        continue;
      }
      if (sealed) {
        return;
      }
      // The end, or what looks like it. An excerpt that was never committed may stand here.
      long next = nextRecord(end + (problem == null ? 2 * HEADER : HEADER));
      if (next < 0) {
        return;
      }
      recordsBehind = true;
      if (problem == null) {
        problem = "hole of " + (next - HEADER - end) + " bytes at offset " + end;
      }
      if (!salvage) {
        return;
      }
      lostBytes += next - HEADER - end;
      visitor.onRecord(file, buffer, (int) next); // its header may be broken
      at = next + RecordLayout.length(buffer, (int) next);
    }
  }

  /** Passes one excerpt and answers where the next begins, or -1 at the end or a problem. */
  private long step(long from, Visitor visitor) {
    long at = (from + 3) & ~3L;
    end = at;
    if (at + HEADER > buffer.capacity()) {
      return -1;
    }
    int header = buffer.getInt((int) at, RecordLayout.ORDER);
    if (header == END_OF_FILE) {
      sealed = true;
      return -1;
    }
    if (header == 0 || (header & NOT_COMPLETE) != 0) {
      if (at == 0) {
        noteProblem("no header at offset 0");
      }
      return -1;
    }
    int length = header & LENGTH_MASK;
    if (at + HEADER + length > buffer.capacity()) {
      noteProblem("excerpt of " + length + " bytes at offset " + at + " goes beyond the file");
      return -1;
    }
    if ((header & META_DATA) == 0) {
      if (!RollFile.isRecord(buffer, bytes, file.cycle, at + HEADER, crc)) {
        noteProblem("garbage instead of a record at offset " + (at + HEADER));
        return -1;
      }
      visitor.onRecord(file, buffer, (int) at + HEADER);
    }
    return at + HEADER + length;
  }

  private void noteProblem(String text) {
    if (problem == null) {
      problem = text;
    }
  }

  /**
   * Looks for an intact record; -1 if there is none. Records begin at multiples of four. Most of
   * what is looked through was never written, so it is not looked at through the mapping.
   */
  private long nextRecord(long from) {
    long at = ((from + 3) & ~3L) + RecordLayout.MAGIC_AT;
    try (FilePieces pieces = new FilePieces(file.path)) {
      while (at + Integer.BYTES <= buffer.capacity()) {
        ByteBuffer piece = pieces.read(at);
        int last = piece.limit() - Integer.BYTES;
        for (int i = 0; i <= last; i += 4) {
          long record = at + i - RecordLayout.MAGIC_AT;
          if (piece.getInt(i) == RecordLayout.MAGIC
              && RollFile.isRecord(buffer, bytes, file.cycle, record, crc)) {
            return record;
          }
        }
        if (last < 0) {
          return -1; // the file became shorter
        }
        at += piece.limit() & ~3;
      }
    }
    return -1;
  }
}
