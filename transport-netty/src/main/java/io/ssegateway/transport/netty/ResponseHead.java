package io.ssegateway.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Status and fields of a response, whatever version of HTTP carries them. Not thread-safe. */
final class ResponseHead {
  /** Receives the fields one by one. */
  @FunctionalInterface
  interface FieldConsumer {
    void accept(String name, String value);
  }

  private final int status;
  private final List<String> namesAndValues = new ArrayList<>(16);

  ResponseHead(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }

  /** Adds a field; one that is there already is kept. */
  ResponseHead add(String name, String value) {
    namesAndValues.add(name);
    namesAndValues.add(value);
    return this;
  }

  /**
   * Checks a field that comes from outside.
   *
   * @throws IllegalArgumentException if it would be more, or other, than one field
   */
  static void requireField(String name, String value) {
    if (!name.matches("[A-Za-z0-9-]+")) {
      throw new IllegalArgumentException(
          "header: \"" + name + "\" (expected: letters, digits and dashes)");
    }
    if (!value.chars().allMatch(c -> (c >= ' ' && c < 127) || c == '\t')) {
      throw new IllegalArgumentException(
          "header " + name + ": its value has characters that are not printable ASCII");
    }
  }

  void forEach(FieldConsumer consumer) {
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      consumer.accept(namesAndValues.get(i), namesAndValues.get(i + 1));
    }
  }

  /**
   * Makes it, with a body, what a pipeline of HTTP/1.1 writes: an object of Netty's, by which
   * instrumentation of Netty knows how a request was answered.
   *
   * @param close whether the connection ends behind the response
   * @param content the body; released when it is written
   */
  FullHttpResponse toMessage(boolean close, ByteBuf content) {
    HttpHeaders headers =
        DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
    forEach(headers::add);
    if (close) {
      headers.add("Connection", "close");
    }
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1,
        HttpResponseStatus.valueOf(status),
        content,
        headers,
        EmptyHttpHeaders.INSTANCE);
  }

  /**
   * Writes it as HTTP/1.1 where there is no pipeline; the same bytes.
   *
   * @param close whether the connection ends behind the response
   * @param more bytes that are going to be appended
   */
  ByteBuf toHttp1(ByteBufAllocator allocator, boolean close, int more) {
    StringBuilder text = new StringBuilder(512);
    text.append("HTTP/1.1 ")
        .append(status)
        .append(' ')
        .append(HttpResponseStatus.valueOf(status).reasonPhrase())
        .append("\r\n");
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      text.append(namesAndValues.get(i))
          .append(": ")
          .append(namesAndValues.get(i + 1))
          .append("\r\n");
    }
    text.append(close ? "Connection: close\r\n\r\n" : "\r\n");
    ByteBuf buffer = allocator.directBuffer(text.length() + more);
    buffer.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    return buffer;
  }
}
