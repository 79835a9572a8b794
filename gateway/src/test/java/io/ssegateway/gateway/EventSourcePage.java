package io.ssegateway.gateway;

import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A page in a browser that opens native EventSources and keeps what each of them tells. To be used
 * by the thread that made the page, as Playwright is.
 */
final class EventSourcePage {
  /** The document; serve it from the origin that the streams are to be asked for from. */
  static final String HTML =
      """
      <!doctype html><title>plain</title><script>
      const streams = [];
      function listen(url) {
        const source = new EventSource(url);
        const stream = { source, log: [] };
        streams.push(stream);
        source.onopen = () => stream.log.push({ type: 'open' });
        source.onerror = () => stream.log.push({ type: 'error', state: source.readyState });
        for (const type of ['message', 'gap', 'close']) {
          source.addEventListener(type, e => stream.log.push({ type, data: e.data, id: e.lastEventId }));
        }
        return streams.length - 1;
      }
      const states = () => streams.map(s => s.source.readyState).join('');
      const told = (i, type) => streams[i].log.filter(e => e.type === type);
      const data = (i, type) => told(i, type).map(e => e.data);
      </script>
      """;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Page page;

  /** Takes a page that shows, or will show, {@link #HTML}. */
  EventSourcePage(Page page) {
    this.page = page;
  }

  /** Opens a stream; the answer is its number. */
  int listen(String url) {
    return (int) page.evaluate("url => listen(url)", url);
  }

  /** The readyState of each stream, a digit each: 0 connecting, 1 open, 2 closed for good. */
  String states() {
    return page.evaluate("states()").toString();
  }

  /** The data of the events of a type that a stream has had. */
  List<?> data(int stream, String type) {
    return (List<?>) page.evaluate("([i, type]) => data(i, type)", List.of(stream, type));
  }

  /** How many events of a type a stream has had; open and error count too. */
  int count(int stream, String type) {
    return (int) page.evaluate("([i, type]) => told(i, type).length", List.of(stream, type));
  }

  /** The id of the newest message of a stream. */
  String lastId(int stream) {
    return page.evaluate("i => told(i, 'message').at(-1).id", stream).toString();
  }

  /** Closes a stream. */
  void close(int stream) {
    page.evaluate("i => streams[i].source.close()", stream);
  }

  /** Waits on this thread, which is the one that Playwright may be used on. */
  static void until(Callable<Boolean> condition) {
    await()
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(50))
        .atMost(PATIENCE)
        .until(condition);
  }
}
