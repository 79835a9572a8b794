package io.ssegateway.sources.webhook;

import com.fasterxml.jackson.core.JsonPointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Text with places to fill from a request: {@code repo.{/repository/full_name}} takes a value of
 * the JSON body by <a href="https://www.rfc-editor.org/rfc/rfc6901">JSON pointer</a>, {@code
 * {header:X-GitHub-Event}} a request header. A brace that is meant as itself is doubled. Immutable
 * and thread-safe.
 */
final class WebhookTemplate {
  private static final String HEADER = "header:";

  /** One of the three is not null. */
  private record Part(
      @Nullable String text, @Nullable JsonPointer pointer, @Nullable String header) {}

  private final String source;
  private final List<Part> parts;

  private WebhookTemplate(String source, List<Part> parts) {
    this.source = source;
    this.parts = List.copyOf(parts);
  }

  /**
   * Reads a template.
   *
   * @param option the option that holds it, for the error message
   * @throws IllegalArgumentException if it is none
   */
  static WebhookTemplate parse(String option, String source) {
    Objects.requireNonNull(source, option);
    if (source.isEmpty()) {
      throw new IllegalArgumentException(option + ": \"\" (expected: a template)");
    }
    List<Part> parts = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    int i = 0;
    while (i < source.length()) {
      char c = source.charAt(i);
      boolean doubled = i + 1 < source.length() && source.charAt(i + 1) == c;
      if ((c == '{' || c == '}') && doubled) {
        text.append(c);
        i += 2;
      } else if (c == '{') {
        int end = source.indexOf('}', i);
        if (end < 0) {
          throw bad(option, source, "{ at index " + i + " is not closed");
        }
        if (text.length() > 0) {
          parts.add(new Part(text.toString(), null, null));
          text.setLength(0);
        }
        parts.add(place(option, source, source.substring(i + 1, end)));
        i = end + 1;
      } else if (c == '}') {
        throw bad(option, source, "} at index " + i + " closes nothing (expected: }} for a brace)");
      } else {
        text.append(c);
        i++;
      }
    }
    if (text.length() > 0) {
      parts.add(new Part(text.toString(), null, null));
    }
    return new WebhookTemplate(source, parts);
  }

  private static Part place(String option, String source, String name) {
    if (name.startsWith(HEADER) && name.length() > HEADER.length()) {
      return new Part(null, null, name.substring(HEADER.length()));
    }
    if (name.startsWith("/") && name.length() > 1) {
      return new Part(null, JsonPointer.compile(name), null);
    }
    throw bad(option, source, "{" + name + "} (expected: {/a/json/pointer} or {header:Name})");
  }

  private static IllegalArgumentException bad(String option, String source, String what) {
    return new IllegalArgumentException(option + ": \"" + source + "\": " + what);
  }

  /** Adds the pointers whose values {@link #fill} asks for. */
  void addPointers(List<JsonPointer> pointers) {
    for (Part part : parts) {
      if (part.pointer != null && !pointers.contains(part.pointer)) {
        pointers.add(part.pointer);
      }
    }
  }

  /**
   * Fills the places.
   *
   * @param field what is filled, for the error message
   * @param values the scalar values found in the body
   * @throws BadWebhookException if the request lacks one
   */
  String fill(
      String field,
      Map<JsonPointer, WebhookBody.Value> values,
      Function<String, @Nullable String> header)
      throws BadWebhookException {
    StringBuilder filled = new StringBuilder();
    for (Part part : parts) {
      if (part.text != null) {
        filled.append(part.text);
      } else if (part.pointer != null) {
        filled.append(scalar(field, part.pointer, values.get(part.pointer)));
      } else if (part.header != null) {
        String value = header.apply(part.header);
        if (value == null || value.isEmpty()) {
          throw new BadWebhookException(field + ": no header " + part.header);
        }
        filled.append(value);
      }
    }
    return filled.toString();
  }

  private static String scalar(String field, JsonPointer pointer, WebhookBody.@Nullable Value value)
      throws BadWebhookException {
    if (value == null) {
      throw new BadWebhookException(field + ": the body has no value at " + pointer);
    }
    String text = value.scalar();
    if (text == null) {
      throw new BadWebhookException(
          field + ": not a string, number or boolean at " + pointer + " (expected: one of these)");
    }
    return text;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof WebhookTemplate template && template.source.equals(source);
  }

  @Override
  public int hashCode() {
    return source.hashCode();
  }

  @Override
  public String toString() {
    return source;
  }
}
