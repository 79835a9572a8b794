package io.ssegateway.storage.chronicle;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What the records up to a position add up to, in a file: so that the start of a large journal has
 * only the newest files to read. Nothing is lost with it: without it, or if it does not fit, all
 * files are read.
 *
 * <p>It is written by a thread of its own while the journal thread goes on. Heads that move in the
 * meantime do not matter: they have a record behind the position, which the start reads.
 */
final class HeadsFile {
  private static final String FILE = "heads";
  private static final int MAGIC = 0x48_45_41_44;
  private static final int END = -2;
  private static final int BROADCASTS = -1;
  private static final int BUFFER = 64 * 1024;

  /** A journal at a position; made by the journal thread. */
  record Moment(
      String epoch, long position, long newestEvent, long forgottenUpTo, List<FileMoment> files) {
    static Moment of(JournalState state, String epoch, long position, long newestEvent) {
      List<FileMoment> files =
          state.files.all().stream()
              .filter(file -> file.cycle <= Position.cycle(position))
              .map(FileMoment::of)
              .toList();
      return new Moment(epoch, position, newestEvent, state.heads.forgottenUpTo(), files);
    }
  }

  /** A file that is not written any more. */
  record FileMoment(
      int cycle,
      long previousEnd,
      long lastPosition,
      long endOffset,
      long firstTimeMs,
      long lastTimeMs,
      long firstEvent) {
    static FileMoment of(RollFile file) {
      return new FileMoment(
          file.cycle,
          file.previousEnd,
          file.lastPosition,
          file.endOffset,
          file.firstTimeMs,
          file.lastTimeMs,
          file.firstEvent);
    }

    void restore(RollFile file) {
      file.previousEnd = previousEnd;
      file.lastPosition = lastPosition;
      file.endOffset = endOffset;
      file.firstTimeMs = firstTimeMs;
      file.lastTimeMs = lastTimeMs;
      file.firstEvent = firstEvent;
    }
  }

  private HeadsFile() {}

  /** Writes the file; the one before it stays until this one is whole. */
  static void write(Path directory, Moment moment, ChannelHeads heads) throws IOException {
    Path temporary = directory.resolve(FILE + ".new");
    CRC32C crc = new CRC32C();
    try (DataOutputStream out =
        new DataOutputStream(
            new CheckedOutputStream(
                new BufferedOutputStream(Files.newOutputStream(temporary), BUFFER), crc))) {
      out.writeInt(MAGIC);
      out.writeUTF(moment.epoch);
      out.writeLong(moment.position);
      out.writeLong(moment.newestEvent);
      out.writeLong(moment.forgottenUpTo);
      out.writeInt(moment.files.size());
      for (FileMoment file : moment.files) {
        out.writeInt(file.cycle);
        out.writeLong(file.previousEnd);
        out.writeLong(file.lastPosition);
        out.writeLong(file.endOffset);
        out.writeLong(file.firstTimeMs);
        out.writeLong(file.lastTimeMs);
        out.writeLong(file.firstEvent);
      }
      heads.forEach((channel, head) -> writeHead(out, channel, head, moment.position));
      out.writeInt(END);
      out.writeLong(crc.getValue());
    }
    Files.move(
        temporary,
        directory.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static void writeHead(
      DataOutputStream out, @Nullable String channel, ChannelHead head, long upTo)
      throws IOException {
    long position = head.position; // before the others: what moves from here on is left out
    if (position == Position.NONE || position > upTo) {
      return;
    }
    if (channel == null) {
      out.writeInt(BROADCASTS);
    } else {
      out.writeInt(channel.length());
      out.writeUTF(channel);
    }
    out.writeLong(position);
    out.writeLong(head.ordinal);
    out.writeLong(head.skip);
  }

  /**
   * Reads the file into a state without files.
   *
   * @return null if there is none, or it is not whole; the state is not to be used then
   */
  static @Nullable Moment read(Path directory, JournalState state) {
    CRC32C crc = new CRC32C();
    try (DataInputStream in =
        new DataInputStream(
            new CheckedInputStream(
                new BufferedInputStream(Files.newInputStream(directory.resolve(FILE)), BUFFER),
                crc))) {
      if (in.readInt() != MAGIC) {
        return null;
      }
      String epoch = in.readUTF();
      long position = in.readLong();
      long newestEvent = in.readLong();
      long forgottenUpTo = in.readLong();
      FileMoment[] files = new FileMoment[in.readInt()];
      for (int i = 0; i < files.length; i++) {
        files[i] =
            new FileMoment(
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong());
      }
      for (int kind = in.readInt(); kind != END; kind = in.readInt()) {
        String channel = kind == BROADCASTS ? null : in.readUTF();
        state.heads.restore(channel, in.readLong(), in.readLong(), in.readLong());
      }
      long expected = crc.getValue();
      return in.readLong() == expected
          ? new Moment(epoch, position, newestEvent, forgottenUpTo, List.of(files))
          : null;
    } catch (IOException | NegativeArraySizeException | OutOfMemoryError e) {
      return null;
    }
  }
}
