package io.ssegateway.gateway;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Ordinary HTTP requests, by the JDK's own client. */
final class Requests {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Requests() {}

  /**
   * Gets what is there.
   *
   * @param headers names and values in turn
   */
  static HttpResponse<String> get(String url, String... headers)
      throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url)).GET(), headers);
  }

  static HttpResponse<String> delete(String url) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url)).DELETE());
  }

  /**
   * Posts a body.
   *
   * @param headers names and values in turn
   */
  static HttpResponse<String> post(String url, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url)).POST(HttpRequest.BodyPublishers.ofString(body));
    return send(request, headers);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request, String... headers)
      throws IOException, InterruptedException {
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.timeout(LIMIT).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** A media type without its parameters. */
  static String contentType(HttpResponse<String> response) {
    return response.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", "");
  }
}
