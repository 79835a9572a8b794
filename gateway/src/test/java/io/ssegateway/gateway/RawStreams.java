package io.ssegateway.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Very many open streams, which read what they get and throw it away, on one thread. */
final class RawStreams implements AutoCloseable {
  private final Selector selector;
  private final List<SocketChannel> sockets = new ArrayList<>();
  private volatile boolean closed;

  RawStreams() throws IOException {
    selector = Selector.open();
    Thread thread = new Thread(this::read, "raw-streams");
    thread.setDaemon(true);
    thread.start();
  }

  /** Opens a stream of these channels. */
  void open(int port, String... channels) throws IOException {
    String query =
        List.of(channels).stream()
            .map(c -> "channel_id=" + URLEncoder.encode(c, StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    String request = "GET /sse/connect?" + query + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    SocketChannel socket =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    sockets.add(socket);
    socket.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    socket.configureBlocking(false);
    selector.wakeup();
    socket.register(selector, SelectionKey.OP_READ);
  }

  private void read() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    try {
      while (!closed) {
        selector.select(
            key -> {
              buffer.clear();
              try {
                if (((SocketChannel) key.channel()).read(buffer) < 0) {
                  key.channel().close();
                }
              } catch (IOException e) {
                key.cancel();
              }
            },
            100);
      }
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    for (SocketChannel socket : sockets) {
      socket.close();
    }
  }
}
