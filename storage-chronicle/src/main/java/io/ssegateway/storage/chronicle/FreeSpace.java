package io.ssegateway.storage.chronicle;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells how many bytes a file system can still take. */
interface FreeSpace {
  /**
   * Bytes that this process may still use.
   *
   * @throws IOException if the file system cannot be asked
   */
  long usableBytes() throws IOException;

  /** The file system of a directory. */
  static FreeSpace of(Path directory) throws IOException {
    FileStore store = Files.getFileStore(directory);
    return store::getUsableSpace;
  }
}
