package io.ssegateway.sources.webhook;

import com.fasterxml.jackson.core.JsonPointer;
import io.ssegateway.engine.Message;
import io.ssegateway.engine.support.Checks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the requests of one webhook become messages. Templates are text with places such as {@code
 * repo.{/repository/full_name}} (a JSON pointer into the body) and {@code {header:X-GitHub-Event}}.
 * Immutable.
 */
public final class WebhookRoute {
  private static final String WHOLE_BODY = "";

  private final String name;
  private final @Nullable WebhookTemplate channel;
  private final WebhookTemplate eventType;
  private final @Nullable WebhookTemplate id;
  private final JsonPointer data;
  private final WebhookSignature signature;
  private final List<JsonPointer> pointers;

  private WebhookRoute(Builder builder) {
    Checks.requireName("name", builder.name);
    name = builder.name;
    if (builder.channel == null && !builder.broadcast) {
      throw new IllegalArgumentException(
          "channel: none (expected: a template, or broadcast() for everyone)");
    }
    if (builder.channel != null && builder.broadcast) {
      throw new IllegalArgumentException(
          "channel: \"" + builder.channel + "\" and broadcast() (expected: one of them)");
    }
    channel = builder.channel == null ? null : WebhookTemplate.parse("channel", builder.channel);
    eventType = WebhookTemplate.parse("eventType", builder.eventType);
    id = builder.id == null ? null : WebhookTemplate.parse("id", builder.id);
    data = pointer(builder.data);
    signature =
        Objects.requireNonNull(
            builder.signature, "signature (expected: a scheme, or WebhookSignature.none())");
    List<JsonPointer> sought = new ArrayList<>();
    sought.add(data);
    if (channel != null) {
      channel.addPointers(sought);
    }
    eventType.addPointers(sought);
    if (id != null) {
      id.addPointers(sought);
    }
    pointers = List.copyOf(sought);
  }

  private static JsonPointer pointer(String text) {
    try {
      return JsonPointer.compile(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "data: \"" + text + "\" (expected: a JSON pointer such as /payload)", e);
    }
  }

  /** Starts a route of that name, the last part of {@code POST /webhook/{name}}. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /**
   * A route for GitHub: a repository's events go to the channel {@code github.<owner>/<name>}, with
   * GitHub's event as type and its delivery as id.
   */
  public static Builder github(String name, List<String> secrets) {
    return builder(name)
        .channel("github.{/repository/full_name}")
        .eventType("{header:X-GitHub-Event}")
        .id("{header:X-GitHub-Delivery}")
        .signature(WebhookSignature.github(secrets));
  }

  /**
   * A route for Stripe: events go to the channel {@code stripe}, with Stripe's type and id, and its
   * object as data.
   */
  public static Builder stripe(String name, List<String> secrets) {
    return builder(name)
        .channel("stripe")
        .eventType("{/type}")
        .id("{/id}")
        .data("/data/object")
        .signature(WebhookSignature.stripe(WebhookSignature.DEFAULT_TOLERANCE, secrets));
  }

  /** The name. */
  public String name() {
    return name;
  }

  /** How requests are checked. */
  public WebhookSignature signature() {
    return signature;
  }

  Message message(Function<String, @Nullable String> header, byte[] body)
      throws BadWebhookException {
    Map<JsonPointer, WebhookBody.Value> values = WebhookBody.find(body, pointers);
    WebhookBody.Value payload = values.get(data);
    if (payload == null) {
      throw new BadWebhookException("data: the body has no value at " + data);
    }
    Message.Builder message = Message.builder();
    if (channel != null) {
      message.channel(channel.fill("channel", values, header));
    }
    message.type(eventType.fill("event_type", values, header));
    if (id != null) {
      message.id(id.fill("id", values, header));
    }
    try {
      return message.data(payload.json()).build();
    } catch (IllegalArgumentException e) {
      throw new BadWebhookException(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public String toString() {
    return "WebhookRoute["
        + name
        + ", channel="
        + (channel == null ? "everyone" : channel)
        + ", eventType="
        + eventType
        + ", id="
        + id
        + ", data="
        + data
        + ", "
        + signature
        + "]";
  }

  /** Builds a {@link WebhookRoute}. Not thread-safe. */
  public static final class Builder {
    private final String name;
    private @Nullable String channel;
    private boolean broadcast;
    private String eventType = "message";
    private @Nullable String id;
    private String data = WHOLE_BODY;
    private @Nullable WebhookSignature signature;

    private Builder(String name) {
      this.name = Objects.requireNonNull(name, "name");
    }

    /** Sets the template of the channel. */
    public Builder channel(String template) {
      channel = Objects.requireNonNull(template, "channel");
      broadcast = false;
      return this;
    }

    /** Sends to everyone instead of to a channel. */
    public Builder broadcast() {
      channel = null;
      broadcast = true;
      return this;
    }

    /** Sets the template of the event type; {@code message} unless set. */
    public Builder eventType(String template) {
      eventType = template;
      return this;
    }

    /** Sets the template of the publisher's id; null for none. */
    public Builder id(@Nullable String template) {
      id = template;
      return this;
    }

    /**
     * Sets the JSON pointer of the data: a string goes as it is, any other value as compact JSON;
     * empty for the whole body.
     */
    public Builder data(String pointer) {
      data = Objects.requireNonNull(pointer, "data");
      return this;
    }

    /** Sets how requests are checked. There is no default. */
    public Builder signature(WebhookSignature signature) {
      this.signature = signature;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if an option is wrong; the text names it and its value
     */
    public WebhookRoute build() {
      return new WebhookRoute(this);
    }
  }
}
