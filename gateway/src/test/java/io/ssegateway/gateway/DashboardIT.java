package io.ssegateway.gateway;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import io.ssegateway.redis.client.testing.RedisProcess;
import io.ssegateway.transport.netty.ApiKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dashboard of the executable jar in a real browser. Screenshots are kept in {@code
 * target/screenshots}.
 */
class DashboardIT {
  @RegisterExtension static final Chromium CHROMIUM = new Chromium();

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");
  private static final List<String> VIEWS =
      List.of("overview", "channels", "connections", "messages");

  /** Names that would break a careless page. */
  private static final List<String> ODD_NAMES =
      List.of(
          "<script>document.title='owned'</script>",
          "<img src=x onerror=\"document.title='owned'\">",
          "مرحبا بالعالم، قناة بعيدة",
          "🚀 launch/🎉",
          "a b&c=d%2F/e?f#g",
          "long-" + "x".repeat(195));

  @TempDir static Path data;
  private static GatewayProcess gateway;
  private static int port;

  private BrowserContext context;
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    gateway = start(0);
    port = gateway.port();
  }

  private static GatewayProcess start(int onPort) throws IOException {
    return GatewayProcess.start("--port=" + onPort, "--data-dir=" + data, "--drain=0s");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @BeforeEach
  void openContext() {
    context = newContext(1440, 900, ColorScheme.LIGHT);
  }

  @AfterEach
  void closeContext() {
    context.close();
  }

  private static BrowserContext newContext(int width, int height, ColorScheme scheme) {
    BrowserContext made =
        CHROMIUM
            .browser()
            .newContext(
                new Browser.NewContextOptions()
                    .setViewportSize(width, height)
                    .setColorScheme(scheme)
                    .setReducedMotion(ReducedMotion.REDUCE));
    made.setDefaultTimeout((double) PATIENCE.toMillis());
    return made;
  }

  private static String origin() {
    return "http://127.0.0.1:" + port;
  }

  private Page open(BrowserContext in, String origin) {
    Page page = in.newPage();
    page.onConsoleMessage(message -> complaints.add(message.type() + ": " + message.text()));
    page.onPageError(complaints::add);
    page.onRequest(request -> requests.add(request.url()));
    page.navigate(origin + "/dashboard");
    return page;
  }

  private Page openLive() {
    Page page = open(context, origin());
    expectState(page, "Live");
    return page;
  }

  private static void expectState(Page page, String text) {
    assertThat(page.locator("#state-text"))
        .hasText(
            Pattern.compile(text),
            new com.microsoft.playwright.assertions.LocatorAssertions.HasTextOptions()
                .setTimeout((double) PATIENCE.toMillis()));
  }

  private static void show(Page page, String view) {
    page.locator("#tab-" + view).click();
    assertThat(page.locator("#view-" + view)).isVisible();
  }

  private static String figure(Page page, String name) {
    return page.locator(".figure", new Page.LocatorOptions().setHasText(name))
        .first()
        .locator(".figure-value")
        .textContent();
  }

  private static void publish(String json) throws IOException, InterruptedException {
    assertThat(Requests.post(gateway.url("/api/send"), json).statusCode()).isEqualTo(200);
  }

  @Test
  void loadsWithoutComplaintsAndAsksNobodyElse() {
    Page page = openLive();

    for (String view : VIEWS) {
      show(page, view);
    }
    show(page, "overview");

    assertThat(page.locator("#plots canvas")).hasCount(9);
    assertThat(complaints).isEmpty();
    assertThat(requests).isNotEmpty().allMatch(url -> url.startsWith(origin() + "/"));
  }

  @Test
  void showsTheFiguresOfAKnownLoad() throws Exception {
    Page page = openLive();
    try (RawStreams streams = new RawStreams()) {
      for (int i = 0; i < 50; i++) {
        streams.open(port, "counted");
      }
      for (int i = 0; i < 10; i++) {
        streams.open(port, "other", "second-" + i);
      }
      await().atMost(PATIENCE).until(() -> figure(page, "Connections").equals("60"));
      assertThat(page.locator("#count-channels")).hasText("12");

      // 20 messages to 50 connections, ten times a second: 10,000 deliveries a second
      StringBuilder batch = new StringBuilder();
      batch.append("{\"channel_id\":\"counted\",\"data\":\"x\"}\n".repeat(20));
      List<Double> rates = new ArrayList<>();
      long begin = System.nanoTime();
      int sent = 0;
      while (rates.size() < 4) {
        publish(batch.toString());
        sent++;
        page.waitForTimeout(Math.max(0, sent * 100 - (System.nanoTime() - begin) / 1e6));
        if (sent % 10 == 0) {
          rates.add(rateShown(figure(page, "Delivered")));
        }
      }
      double real = sent * 1000.0 / ((System.nanoTime() - begin) / 1e9);
      assertThat(rates.subList(1, 4)).anySatisfy(r -> assertThat(r).isBetween(real / 2, real * 2));
      assertThat(figure(page, "Publish to write")).matches("[0-9.]+ (µs|ms)");

      show(page, "channels");
      Locator rows = page.locator("table.channels tbody tr");
      assertThat(rows).hasCount(12);
      assertThat(rows.first()).containsText("counted");
      assertThat(rows.first().locator("td.number")).hasText("50");

      show(page, "connections");
      assertThat(page.locator("#connections-table .range")).hasText("1–25 of 60");
      page.locator("#connections-table .pager").getByText("Next").click();
      assertThat(page.locator("#connections-table .range")).hasText("26–50 of 60");
      page.locator("#connections-filters input[name=q]").fill("second-7");
      assertThat(page.locator("#connections-table .range")).hasText("1–1 of 1");
    }
    await()
        .atMost(PATIENCE)
        .until(() -> page.locator("#count-connections").textContent().equals("0"));
    assertThat(complaints).isEmpty();
  }

  private static double rateShown(String text) {
    String number = text.replace("/s", "").replace(",", "");
    return number.endsWith("k")
        ? Double.parseDouble(number.replace("k", "")) * 1000
        : Double.parseDouble(number.replace("–", "0"));
  }

  @Test
  void sendsAMessageAndSeesItArriveAsText() {
    Page page = openLive();
    show(page, "messages");
    page.locator("#watch input[name=channel]").fill("hello");
    page.locator("#watch-toggle").click();
    assertThat(page.locator("#watch-state-text")).hasText("Watching");

    page.locator("#send input[name=channel]").fill("hello");
    page.locator("#send input[name=type]").fill("greeting");
    page.locator("#send textarea")
        .fill("<img src=x onerror=\"document.title='owned'\">\nsecond line");
    page.locator("#send textarea").press("Control+Enter");

    assertThat(page.locator("#send-result")).containsText("to 1 connection of this gateway");
    Locator event = page.locator("#events li");
    assertThat(event).hasCount(1);
    assertThat(event.locator(".event-type")).hasText("greeting");
    assertThat(event.locator(".event-data"))
        .hasText("<img src=x onerror=\"document.title='owned'\">\nsecond line");
    assertThat(page.locator("#events img")).hasCount(0);
    assertThat(page.title()).doesNotContain("owned");

    page.locator("#send select[name=format]").selectOption("json");
    page.locator("#send textarea").fill("{\"broken\"");
    page.locator("#send button[type=submit]").click();
    assertThat(page.locator("#send-result")).containsText("Not sent.");
    assertThat(event).hasCount(1);
    assertThat(complaints).isEmpty();
  }

  @Test
  void comesBackAfterTheGatewayWasKilledAndMissesNothing() throws Exception {
    Page page = openLive();
    show(page, "messages");
    page.locator("#watch input[name=channel]").fill("kept");
    page.locator("#watch-toggle").click();
    assertThat(page.locator("#watch-state-text")).hasText("Watching");
    publish("{\"channel_id\":\"kept\",\"data\":\"before\"}");
    assertThat(page.locator("#events li")).hasCount(1);

    gateway.kill();
    expectState(page, "Reconnecting.*");
    assertThat(page.locator("#banner-text")).containsText("Reconnecting");
    gateway = start(port);
    gateway.port();
    publish("{\"channel_id\":\"kept\",\"data\":\"while it was away\"}");

    expectState(page, "Live");
    assertThat(page.locator("#banner")).isHidden();
    assertThat(page.locator("#events .event-data"))
        .hasText(new String[] {"while it was away", "before"});
    assertThat(page.locator("#events .gap")).hasCount(0);
  }

  @Test
  void endsAConnectionOnceThatIsConfirmed() throws Exception {
    Page page = openLive();
    try (RawStreams streams = new RawStreams()) {
      streams.open(port, "stays");
      streams.open(port, "goes");
      show(page, "connections");
      Locator row =
          page.locator("table.connections tbody tr", new Page.LocatorOptions().setHasText("goes"));
      row.getByText("Disconnect").click();
      page.locator("#confirm-dialog").getByText("Keep it").click();
      assertThat(row).hasCount(1);
      row.getByText("Disconnect").click();
      page.locator("#confirm-yes").click();

      assertThat(row).hasCount(0);
      assertThat(page.locator("#connections-table .range")).hasText("1–1 of 1");
      assertThat(page.locator("table.connections tbody")).containsText("stays");
    }
  }

  @Test
  void asksForATokenAndKeepsItInTheTabAlone() throws Exception {
    String key = ApiKeys.generate();
    Path keys =
        Files.writeString(
            data.resolve("keys.properties"),
            "operator.sha256=%s\noperator.roles=admin\noperator.subscribe=*\n"
                .formatted(ApiKeys.sha256(key)));
    try (GatewayProcess guarded =
        GatewayProcess.start("--port=0", "--journal=memory", "--drain=0s", "--api-keys=" + keys)) {
      Page page = open(context, "http://127.0.0.1:" + guarded.port());
      Locator dialog = page.locator("#token-dialog");
      assertThat(dialog).isVisible();
      expectState(page, "Needs a token");

      page.locator("#token-input").fill(ApiKeys.generate());
      page.locator("#token-input").press("Enter");
      assertThat(page.locator("#token-why")).containsText("unknown");

      page.locator("#token-input").fill(key);
      page.locator("#token-input").press("Enter");
      expectState(page, "Live");
      assertThat(dialog).isHidden();
      assertThat(page.evaluate("Object.values(sessionStorage)")).isEqualTo(List.of(key));
      assertThat(page.evaluate("JSON.stringify(localStorage) + document.cookie").toString())
          .doesNotContain(key);
      assertThat(requests).noneMatch(url -> url.contains(key));

      show(page, "messages");
      page.locator("#watch input[name=channel]").fill("private");
      page.locator("#watch-toggle").click();
      assertThat(page.locator("#watch-state-text")).hasText("Watching");

      page.locator("#token-open").click();
      page.locator("#token-forget").click();
      expectState(page, "Needs a token");
      assertThat(page.evaluate("sessionStorage.length")).isEqualTo(0);
    }
  }

  @Test
  void showsEachSourceAndWhetherItIsUp() throws Exception {
    RedisProcess redis = RedisProcess.start(Files.createDirectory(data.resolve("redis")));
    try (GatewayProcess fed =
        GatewayProcess.start(
            "--port=0",
            "--journal=memory",
            "--drain=0s",
            "--presence=*",
            "--redis-uri=" + redis.uri(),
            "--redis-pubsub=patterns")) {
      Page page = open(context, "http://127.0.0.1:" + fed.port());
      Locator rows = page.locator("table.sources tbody tr");
      assertThat(rows).hasCount(2);
      Locator fromRedis =
          page.locator("table.sources tbody tr", new Page.LocatorOptions().setHasText("redis"));
      assertThat(fromRedis.locator(".source-state")).hasText("up");

      redis.close();

      assertThat(fromRedis.locator(".source-state")).hasText("down");
      assertThat(fromRedis.locator(".source-detail")).isVisible();
      assertThat(page.locator("#troubles")).containsText("source redis");
      Locator presence =
          page.locator("table.sources tbody tr", new Page.LocatorOptions().setHasText("presence"));
      assertThat(presence.locator(".source-state")).hasText("up");
      assertThat(complaints).isEmpty();
    } finally {
      redis.close();
    }
  }

  @Test
  void asksForNothingWhileNobodySeesIt() {
    Page page = context.newPage();
    page.onRequest(request -> requests.add(request.url()));
    page.clock().install();
    page.navigate(origin() + "/dashboard#connections");
    expectState(page, "Live");

    hide(page, true);
    page.clock().fastForward(31_000);
    expectState(page, "Paused");
    int asked = requests.size();
    page.clock().fastForward(60_000);
    assertThat(page.evaluate("fetch('health').then(r => r.status)")).isEqualTo(200);
    assertThat(requests).hasSize(asked + 1); // the one above

    hide(page, false);
    page.clock().resume();
    expectState(page, "Live");
  }

  private static void hide(Page page, boolean hidden) {
    page.evaluate(
        "hidden => {"
            + "Object.defineProperty(document, 'hidden', {configurable: true, value: hidden});"
            + "document.dispatchEvent(new Event('visibilitychange')); }",
        hidden);
  }

  @Test
  void canBeUsedByTheKeyboardAndSaysWhatThingsAre() {
    Page page = openLive();
    page.keyboard().press("Tab");
    assertThat(page.locator("#skip")).isFocused();
    page.keyboard().press("Enter");
    assertThat(page.locator("#main")).isFocused();
    page.locator("#tab-channels").focus();
    page.keyboard().press("Enter");
    assertThat(page.locator("#view-channels")).isVisible();
    assertThat(page.locator("#tab-channels")).hasAttribute("aria-current", "page");
    assertThat(page.getByRole(AriaRole.SEARCHBOX, new Page.GetByRoleOptions().setName("Search")))
        .isVisible();

    page.locator("#theme").click();
    assertThat(page.locator("#theme")).hasAttribute("aria-label", "Theme: light");
    page.locator("#theme").click();
    assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
    assertThat(page.evaluate(UNNAMED).toString()).as("controls without a name").isEmpty();
  }

  private static final String UNNAMED =
      "[...document.querySelectorAll('button, input, select, textarea, a')]"
          + ".filter(n => n.checkVisibility() && !n.textContent.trim() && !n.ariaLabel && !(n.labels && n.labels.length))"
          + ".map(n => n.outerHTML).join('\\n')";

  /**
   * Texts that stand out less from what is behind them than WCAG 2 asks for: 4.5, or 3 if they are
   * large. What is disabled, or not seen, is not meant.
   */
  private static final String FAINT =
      """
      (() => {
        const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        const rgba = (colour) => {
          context.clearRect(0, 0, 1, 1);
          context.fillStyle = colour;
          context.fillRect(0, 0, 1, 1);
          return [...context.getImageData(0, 0, 1, 1).data].map((v, i) => (i < 3 ? v : v / 255));
        };
        const over = (top, below) => below.map((v, i) => (i < 3 ? top[i] * top[3] + v * (1 - top[3]) : 1));
        const behind = (node) => {
          const layers = [];
          for (let n = node; n; n = n.parentElement) layers.push(rgba(getComputedStyle(n).backgroundColor));
          return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
        };
        const luminance = (c) => {
          const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const faint = [];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          const node = walker.currentNode.parentElement;
          if (!walker.currentNode.data.trim() || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
          if (node.closest(':disabled, script, style, option') || !node.getClientRects().length) continue;
          const style = getComputedStyle(node);
          const below = behind(node);
          const text = luminance(over(rgba(style.color), below));
          const ground = luminance(below);
          const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
          const size = parseFloat(style.fontSize);
          const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
          if (ratio < (large ? 3 : 4.5)) faint.push(ratio.toFixed(2) + ' ' + node.outerHTML.slice(0, 120));
        }
        return faint.join('\\n');
      })()
      """;

  /** What is faint is seen to be: else a page without contrast would pass. */
  @Test
  void textWithoutContrastIsSeen() {
    Page page = openLive();
    assertThat(page.evaluate(FAINT).toString()).isEmpty();
    page.evaluate("document.querySelector('h1').style.color = 'rgb(150 150 150)'");
    assertThat(page.evaluate(FAINT).toString()).contains("<h1");
  }

  @Test
  void staysLightWithTenThousandConnectionsAndChannels() throws Exception {
    int many = 10_000;
    try (RawStreams streams = new RawStreams()) {
      for (String name : ODD_NAMES) {
        streams.open(port, name, "room-0", "room-1", "room-2", "room-3");
      }
      for (int i = ODD_NAMES.size(); i < many; i++) {
        streams.open(port, "room-" + i);
      }
      Page page = openLive();
      await().atMost(PATIENCE).until(() -> figure(page, "Connections").equals("10,000"));

      show(page, "channels");
      Locator range = page.locator("#channels-table .range");
      assertThat(range).hasText("1–25 of 10,004");
      page.locator("#channels-table .pager").getByText("Next").click();
      assertThat(range).hasText("26–50 of 10,004");
      page.locator("#channels-filters input[name=q]").fill("room-9999");
      assertThat(range).hasText("1–1 of 1");
      page.locator("#channels-filters input[name=q]").fill("<script>");
      assertThat(page.locator("table.channels tbody bdi")).hasText(ODD_NAMES.get(0));

      show(page, "connections");
      assertThat(page.locator("#connections-table .range")).hasText("1–25 of 10,000");
      page.locator("#connections-filters select[name=sort]").selectOption("newest");
      assertThat(page.locator("table.connections tbody tr")).hasCount(25);

      assertThat((int) page.evaluate("document.querySelectorAll('*').length")).isLessThan(1500);
      assertThat(page.title()).doesNotContain("owned");
      assertThat(complaints).isEmpty();
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        takeScreenshots("desktop", 1440, 900, scheme);
        takeScreenshots("phone", 390, 844, scheme);
      }
    }
  }

  /** One of each view; none may be wider than the window. */
  private void takeScreenshots(String device, int width, int height, ColorScheme scheme)
      throws IOException, InterruptedException {
    BrowserContext with = newContext(width, height, scheme);
    try {
      Page page = open(with, origin());
      expectState(page, "Live");
      for (int i = 0; i < 20; i++) {
        publish("{\"channel_id\":\"room-0\",\"data\":{\"temperature\":" + i + "}}");
      }
      for (String view : VIEWS) {
        show(page, view);
        if (view.equals("messages")) {
          page.locator("#watch input[name=channel]").fill("room-0");
          page.locator("#watch select[name=from]").selectOption("oldest");
          page.locator("#watch-toggle").click();
          assertThat(page.locator("#events li").first()).isVisible();
        } else if (!view.equals("overview")) {
          assertThat(page.locator("#view-" + view + " tbody tr")).hasCount(25);
        }
        assertThat(page.evaluate(FAINT).toString())
            .as("text of too little contrast (WCAG 1.4.3) in %s, %s", view, scheme)
            .isEmpty();
        page.screenshot(
            new Page.ScreenshotOptions()
                .setPath(
                    SCREENSHOTS.resolve(
                        device
                            + "-"
                            + scheme.name().toLowerCase(java.util.Locale.ROOT)
                            + "-"
                            + view
                            + ".png"))
                .setFullPage(true));
        assertThat(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
            .as("width of %s on a %s", view, device)
            .isEqualTo(0);
      }
    } finally {
      with.close();
    }
  }
}
