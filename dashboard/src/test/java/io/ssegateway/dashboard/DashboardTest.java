package io.ssegateway.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.ssegateway.transport.netty.Gateway;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page and its files as HTTP answers them. */
class DashboardTest {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final Pattern ADDRESS = Pattern.compile("(?:src|href)=\"([^\"#]+)\"");
  private static final Pattern IMPORT = Pattern.compile("from '\\./([^']+)'");

  private static Gateway gateway;

  @BeforeAll
  static void start() throws IOException {
    gateway = Dashboard.addTo(Gateway.builder().port(0)).build();
    gateway.start();
  }

  @AfterAll
  static void close() {
    gateway.close();
  }

  private static HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> response, String name) {
    List<String> values = response.headers().allValues(name);
    assertThat(values).as(name).hasSize(1);
    return values.get(0);
  }

  private static List<String> addresses(String page) {
    List<String> found = new ArrayList<>();
    Matcher matcher = ADDRESS.matcher(page);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  @Test
  void thePageIsAskedForAgainAndSentOnlyIfItIsAnother() throws Exception {
    HttpResponse<String> page = get("/dashboard");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(header(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
    assertThat(header(page, "Cache-Control")).isEqualTo("no-cache");
    String etag = header(page, "ETag");

    HttpResponse<String> again = get("/dashboard", "If-None-Match", "\"other\", W/" + etag);
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(header(again, "ETag")).isEqualTo(etag);
    assertThat(again.headers().firstValue("Content-Length")).isEmpty();

    assertThat(get("/dashboard", "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
  }

  @Test
  void everyFileOfThePageIsThereAndKeptForEver() throws Exception {
    List<String> addresses = addresses(get("/dashboard").body());
    assertThat(addresses).hasSizeGreaterThan(4);
    for (String address : addresses) {
      assertThat(address).matches("dashboard/[0-9a-f]{20}/[A-Za-z.]+");
      HttpResponse<String> file = get("/" + address);
      assertThat(file.statusCode()).as(address).isEqualTo(200);
      assertThat(file.body()).as(address).isNotEmpty();
      assertThat(header(file, "Cache-Control")).isEqualTo("public, max-age=31536000, immutable");
      assertThat(header(file, "X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(header(file, "Content-Type"))
          .isEqualTo(
              switch (address.substring(address.lastIndexOf('.'))) {
                case ".css" -> "text/css; charset=utf-8";
                case ".js" -> "text/javascript; charset=utf-8";
                default -> "image/svg+xml";
              });
      assertThat(get("/" + address, "If-None-Match", header(file, "ETag")).statusCode())
          .isEqualTo(304);
    }
  }

  @Test
  void everyModuleThatAModuleImportsIsThere() throws Exception {
    String app =
        addresses(get("/dashboard").body()).stream()
            .filter(a -> a.endsWith("/app.js"))
            .findFirst()
            .orElseThrow();
    List<String> known = new ArrayList<>(List.of("app.js"));
    for (int i = 0; i < known.size(); i++) {
      HttpResponse<String> module = get("/" + app.replace("app.js", known.get(i)));
      assertThat(module.statusCode()).as(known.get(i)).isEqualTo(200);
      Matcher matcher = IMPORT.matcher(module.body());
      while (matcher.find()) {
        if (!known.contains(matcher.group(1))) {
          known.add(matcher.group(1));
        }
      }
    }
    assertThat(known).contains("api.js", "plots.js", "table.js").hasSizeGreaterThan(8);
  }

  @Test
  void nothingOfThePageIsInlineOrFromElsewhere() throws Exception {
    HttpResponse<String> page = get("/dashboard");

    assertThat(header(page, "Content-Security-Policy"))
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe", "http");
    assertThat(header(page, "X-Frame-Options")).isEqualTo("DENY");
    assertThat(page.body())
        .doesNotContain("<style", " style=", "://", "{files}")
        .doesNotContainPattern("<script(?![^>]* src=)")
        .doesNotContainPattern(" on[a-z]+=");
  }

  @Test
  void whatIsNoPartOfThePageIsNotFound() throws Exception {
    String hash =
        addresses(get("/dashboard").body()).get(0).replaceFirst("dashboard/([^/]+)/.*", "$1");
    assertThat(get("/dashboard/" + hash + "/index.html").statusCode()).isEqualTo(404);
    assertThat(get("/dashboard/" + hash + "/..%2fDashboard.class").statusCode()).isEqualTo(404);
    assertThat(get("/dashboard/app.js").statusCode()).isEqualTo(404);
    assertThat(get("/dashboard/0000/app.js").statusCode()).isEqualTo(404);
  }

  @Test
  void aSlashTooMuchLeadsToThePage() throws Exception {
    HttpResponse<String> answer = get("/dashboard/");
    assertThat(answer.statusCode()).isEqualTo(308);
    assertThat(header(answer, "Location")).isEqualTo("../dashboard");
  }

  @Test
  void thePageHoldsNothingSoAnybodyMayLoadItButNotWhatItShows() throws Exception {
    assertThat(get("/dashboard", "X-Forwarded-For", "192.0.2.7").statusCode()).isEqualTo(200);
    assertThat(get("/api/stats", "X-Forwarded-For", "192.0.2.7").statusCode()).isEqualTo(403);
  }
}
