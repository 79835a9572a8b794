package io.ssegateway.transport.netty.testing;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** A stream over a {@link RawClient}, read by whoever calls. Not thread-safe. */
public final class StreamClient implements AutoCloseable {
  private final RawClient connection;
  private final HttpAnswer head;
  private final SseParser parser = new SseParser();
  private final Queue<SseBlock> blocks = new ArrayDeque<>();
  private final byte[] buffer = new byte[16 * 1024];
  private String lastId;

  /** Goes on with a connection whose request for a stream is sent. */
  public StreamClient(RawClient connection) throws IOException {
    this.connection = connection;
    this.head = connection.answer(false);
    if (head.status() != 200) {
      throw new IOException("no stream: " + head.head());
    }
  }

  /**
   * Opens a stream.
   *
   * @param query what stands behind the question mark, such as {@code channel_id=news}
   * @param headers further header lines without line ends
   */
  public static StreamClient open(int port, String query, String... headers) throws IOException {
    return new StreamClient(RawClient.connect(port).send(request(query, headers)));
  }

  /** The text of a request for a stream. */
  public static String request(String query, String... headers) {
    StringBuilder text = new StringBuilder("GET /sse/connect?").append(query);
    text.append(" HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    return text.append("\r\n").toString();
  }

  /** Opens a stream and reads its first block, which tells that it is registered. */
  public static StreamClient listen(int port, String query, String... headers) throws IOException {
    StreamClient client = open(port, query, headers);
    client.next();
    return client;
  }

  /** The response's head. */
  public HttpAnswer head() {
    return head;
  }

  /** The connection below. */
  public RawClient connection() {
    return connection;
  }

  /** The id that a browser would come back with. */
  public String lastId() {
    return lastId;
  }

  /** The next block of any kind. */
  public SseBlock next() throws IOException {
    while (blocks.isEmpty()) {
      int n = connection.read(buffer);
      if (n < 0) {
        throw new EOFException("the stream ended");
      }
      parser.feed(ByteBuffer.wrap(buffer, 0, n), blocks::add);
    }
    SseBlock block = blocks.remove();
    if (block.id() != null) {
      lastId = block.id();
    }
    return block;
  }

  /** The next event, heartbeats and other blocks without data passed over. */
  public SseBlock nextEvent() throws IOException {
    SseBlock block = next();
    while (!block.isEvent()) {
      block = next();
    }
    return block;
  }

  /** The data of the next events. */
  public List<String> nextData(int count) throws IOException {
    List<String> data = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      data.add(nextEvent().data());
    }
    return data;
  }

  /** The blocks until the stream ends. */
  public List<SseBlock> rest() throws IOException {
    List<SseBlock> rest = new ArrayList<>();
    try {
      while (true) {
        rest.add(next());
      }
    } catch (EOFException e) {
      return rest;
    }
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
