package io.ssegateway.transport.netty.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A TCP connection that sends exactly what it is told. Reads wait 10 s at most. Not thread-safe.
 */
public final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MS = 10_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  private RawClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new java.io.BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** Connects to a port of this machine. */
  public static RawClient connect(int port) throws IOException {
    return connect(port, 0);
  }

  /**
   * Connects with a receive buffer.
   *
   * @param receiveBuffer bytes, or 0 for what the system gives
   */
  public static RawClient connect(int port, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
    socket.setSoTimeout(TIMEOUT_MS);
    return new RawClient(socket);
  }

  /** Goes on with a socket that is connected, such as one with TLS. */
  public static RawClient over(Socket socket) throws IOException {
    socket.setSoTimeout(TIMEOUT_MS);
    return new RawClient(socket);
  }

  /** Sends one request on a connection of its own and answers the response. */
  public static HttpAnswer exchange(int port, String request) throws IOException {
    try (RawClient client = connect(port)) {
      return client.send(request).answer();
    }
  }

  /** Publishes on a connection of its own and answers the response. */
  public static HttpAnswer publish(int port, String json) throws IOException {
    return exchange(port, post(json, ""));
  }

  /**
   * The text of a request that publishes.
   *
   * @param headers further lines, each with CRLF
   */
  public static String post(String json, String headers) {
    return "POST /api/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + headers
        + "Content-Length: "
        + json.getBytes(StandardCharsets.UTF_8).length
        + "\r\n\r\n"
        + json;
  }

  /** Sends a text as UTF-8. */
  public RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends bytes. */
  public RawClient send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /** The port on this side. */
  public int localPort() {
    return socket.getLocalPort();
  }

  /** Ends this side of the connection. */
  public void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Ends the connection at once, with a reset. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Time in ms that a read waits. */
  public void timeout(int ms) throws IOException {
    socket.setSoTimeout(ms);
  }

  /** Reads one response, whose length is given by Content-Length. */
  public HttpAnswer answer() throws IOException {
    return answer(true);
  }

  /**
   * Reads one response.
   *
   * @param withBody false for an answer to HEAD, or the head of a stream
   */
  public HttpAnswer answer(boolean withBody) throws IOException {
    String head = readHead();
    String[] lines = head.split("\r\n", -1);
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers
          .computeIfAbsent(
              lines[i].substring(0, colon).toLowerCase(Locale.ROOT), n -> new ArrayList<>())
          .add(lines[i].substring(colon + 1).trim());
    }
    String[] statusLine = lines[0].split(" ", 3);
    if (!statusLine[0].equals("HTTP/1.1")) {
      throw new AssertionError("no status line: " + lines[0]);
    }
    int status = Integer.parseInt(statusLine[1]);
    int length = Integer.parseInt(headers.getOrDefault("content-length", List.of("0")).get(0));
    byte[] body = withBody ? in.readNBytes(length) : new byte[0];
    if (withBody && body.length < length) {
      throw new EOFException("body: " + body.length + " of " + length + " bytes");
    }
    return new HttpAnswer(status, head, headers, new String(body, StandardCharsets.UTF_8));
  }

  /** Reads a response, and forgets it. */
  public RawClient skipAnswer() throws IOException {
    answer();
    return this;
  }

  private String readHead() throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (true) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("connection ended after: " + head);
      }
      head.write(b);
      String text = b == '\n' ? head.toString(StandardCharsets.ISO_8859_1) : "";
      if (text.endsWith("\r\n\r\n")) {
        return text.substring(0, text.length() - 4);
      }
    }
  }

  /** Reads some bytes, at least one; -1 at the end. */
  public int read(byte[] bytes) throws IOException {
    return in.read(bytes);
  }

  /** Reads as many bytes as the array has. */
  public byte[] readExactly(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("connection ended after " + bytes.length + " of " + count + " bytes");
    }
    return bytes;
  }

  /** Reads to the end of the connection and answers what came; a reset is an end too. */
  public String readToEnd() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        bytes.write(buffer, 0, n);
      }
    } catch (SocketException e) {
      // reset by the peer
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
