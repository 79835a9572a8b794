package io.ssegateway.benchmarks.load;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Publishes to a gateway over one HTTP connection, a request at a time. Not thread-safe. */
final class Publisher implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  Publisher(InetSocketAddress gateway) throws IOException {
    socket = new Socket(gateway.getAddress(), gateway.getPort());
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  /** Publishes a body of {@code POST /api/send} and answers what the gateway says. */
  String send(String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /api/send HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
            + bytes.length
            + "\r\n\r\n";
    byte[] request = new byte[head.length() + bytes.length];
    System.arraycopy(head.getBytes(StandardCharsets.US_ASCII), 0, request, 0, head.length());
    System.arraycopy(bytes, 0, request, head.length(), bytes.length);
    out.write(request);
    HttpReply reply = HttpReply.read(in);
    if (reply == null) {
      throw new EOFException("the gateway closed the publisher's connection");
    }
    if (!reply.isSuccess()) {
      throw new IOException(reply.toString());
    }
    return reply.body();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
