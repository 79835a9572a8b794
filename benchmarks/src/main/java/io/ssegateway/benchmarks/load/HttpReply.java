package io.ssegateway.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** An answer of HTTP/1.1 with a length. */
record HttpReply(String status, String body) {
  /** Reads one; null if the connection has ended before it. */
  static @Nullable HttpReply read(InputStream in) throws IOException {
    String status = line(in, true);
    if (status == null) {
      return null;
    }
    int length = 0;
    String header = line(in, false);
    while (header != null && !header.isEmpty()) {
      if (header.regionMatches(true, 0, "Content-Length: ", 0, 16)) {
        length = Integer.parseInt(header.substring(16).trim());
      }
      header = line(in, false);
    }
    return new HttpReply(status, new String(in.readNBytes(length), StandardCharsets.UTF_8));
  }

  private static @Nullable String line(InputStream in, boolean mayEnd) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        if (mayEnd && line.isEmpty()) {
          return null;
        }
        throw new EOFException("the server closed the publisher's connection");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  boolean isSuccess() {
    return status.startsWith("HTTP/1.1 2");
  }

  @Override
  public String toString() {
    return status + " " + body;
  }
}
