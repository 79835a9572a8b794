package io.ssegateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Each example, run out of its jar, does what it says when the commands it prints are pasted. */
class ExamplesIT {
  private static final int ENDED_BY_SIGTERM = 143;
  private static final String LISTENING = "retry: ";

  private static String run(String command) throws Exception {
    try (ExampleProcess shell = ExampleProcess.shell(command)) {
      assertThat(shell.exitCode()).as(command + " said " + shell.lines()).isZero();
      return String.join("\n", shell.lines());
    }
  }

  /** A listener that is connected already. */
  private static ExampleProcess listen(String command) throws Exception {
    ExampleProcess listener = ExampleProcess.shell("exec " + command.replace("curl", "curl -sS"));
    listener.line(LISTENING);
    return listener;
  }

  @Test
  void theSimpleGatewayDeliversAndDrains() throws Exception {
    try (ExampleProcess example = ExampleProcess.example("simple", "0");
        ExampleProcess listener = listen(example.command("listen:"))) {
      assertThat(run(example.command("publish:"))).contains("\"sent_count\":1");

      listener.line("data: hello");
      assertThat(example.terminate()).isEqualTo(ENDED_BY_SIGTERM);
      assertThat(listener.exitCode()).as("the stream was ended in order").isZero();
    }
  }

  @Test
  void theCustomSourceTicksWhileSomebodyListens() throws Exception {
    try (ExampleProcess example = ExampleProcess.example("custom-source", "0")) {
      String look = example.command("look:");
      assertThat(run(look)).contains("\"name\":\"periodic\",\"up\":true").contains("received\":0");

      try (ExampleProcess listener = listen(example.command("listen:"))) {
        listener.line("event: tick");
      }
      assertThat(run(look)).doesNotContain("received\":0");
    }
  }

  @Test
  void whatTheProgramPublishesIsStoredAndReadAgain() throws Exception {
    try (ExampleProcess example = ExampleProcess.example("publishing", "0");
        ExampleProcess listener = listen(example.command("everything again:"))) {
      example.line("one message: PUBLISHED");
      example.line("stored as ");
      example.line("batch of 2: PUBLISHED");
      listener.line("data: {\"total\":1999}");
      listener.line("data: to everyone");
      assertThat(listener.lines()).noneMatch(line -> line.equals("event: gap"));
    }
  }

  @Test
  void aSignedWebhookReachesItsCustomerAndAForgedOneDoesNot() throws Exception {
    try (ExampleProcess example = ExampleProcess.example("webhook", "0");
        ExampleProcess listener = listen(example.command("listen:"))) {
      example.line("/webhook/shop");
      String send = String.join("\n", example.lines().subList(1, 4)).replace("send:", "");
      assertThat(run(send.replace("change-me", "guessed"))).contains("\"status\":401");
      assertThat(run(send)).contains("\"success\":true");
      listener.line("event: paid");
      assertThat(listener.lines().stream().filter(line -> line.startsWith("data"))).hasSize(1);
    }
  }

  @Test
  void theCallbackDecidesWhoListensAndPublishes() throws Exception {
    try (ExampleProcess example = ExampleProcess.example("authentication", "0");
        ExampleProcess listener = listen(example.command("listen:"))) {
      assertThat(run(example.command("refused:"))).contains("403").contains("user.bob");
      String stranger = example.command("listen:").replaceAll(" -b .*", "").replace("-N", "-i");
      assertThat(run(stranger)).contains("401");
      assertThat(run(example.command("publish:"))).contains("\"success\":true");
      listener.line("data: hello");
    }
  }

  @Test
  void theEngineAloneDeliversLiveAndFromTheJournal() throws Exception {
    try (ExampleProcess example = ExampleProcess.example("engine-alone")) {
      assertThat(example.exitCode()).isZero();
      assertThat(example.lines()).filteredOn(line -> line.startsWith("live")).hasSize(5);
      assertThat(example.lines()).filteredOn(line -> line.startsWith("replay")).hasSize(3);
      assertThat(example.lines().get(4).substring(8))
          .isEqualTo(example.lines().get(7).substring(8));
    }
  }

  @Test
  void theChatServesItsPageAndSaysWhatIsSaid() throws Exception {
    try (ExampleProcess example = ExampleProcess.example("chat", "0");
        ExampleProcess listener =
            listen(
                "curl -N '" + example.url() + "/sse/connect?channel_id=chat&channel_id=chart'")) {
      String page = run("curl -sS " + example.url() + "/");
      Matcher files = Pattern.compile("(?:src|href)=\"(/[^\"]+)\"").matcher(page);
      assertThat(files.results()).as("the page's own files").hasSize(2);
      files.reset();
      while (files.find()) {
        run("curl -sSf -o /dev/null " + example.url() + files.group(1));
      }
      listener.line("event: value");
      HttpRequest.Builder say =
          HttpRequest.newBuilder(URI.create(example.url() + "/say"))
              .POST(HttpRequest.BodyPublishers.ofString("<b>hi</b>"));
      HttpClient client = HttpClient.newHttpClient();
      assertThat(client.send(say.build(), BodyHandlers.ofString()).statusCode()).isEqualTo(403);
      say.header("X-Chat", "1");
      assertThat(client.send(say.build(), BodyHandlers.ofString()).statusCode()).isEqualTo(202);
      listener.line("data: <b>hi</b>");
    }
  }
}
