package io.ssegateway.transport.netty;

import io.ssegateway.transport.netty.CompressionOptions.Coding;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Chooses a content coding by {@code Accept-Encoding} (RFC 9110, 12.5.3). Stateless. */
final class AcceptEncoding {
  private static final Coding[] BY_PREFERENCE = {Coding.ZSTD, Coding.GZIP};

  private AcceptEncoding() {}

  /**
   * The coding that the client likes best, of those that it likes the same the one we do; null for
   * none. A stream is never refused for want of a coding.
   *
   * @param fields the values of the header
   */
  static @Nullable Coding choose(List<String> fields, Set<Coding> offered) {
    if (fields.isEmpty() || offered.isEmpty()) {
      return null;
    }
    Coding best = null;
    double bestWeight = 0;
    for (Coding coding : BY_PREFERENCE) {
      double weight = offered.contains(coding) ? weight(fields, coding.token()) : 0;
      if (weight > bestWeight) {
        best = coding;
        bestWeight = weight;
      }
    }
    return best;
  }

  /** From 0 to 1; 0 if it is not accepted. A name that is listed wins over the star. */
  private static double weight(List<String> fields, String token) {
    double star = 0;
    for (String field : fields) {
      for (String element : field.split(",", -1)) {
        String[] parts = element.split(";", -1);
        String name = parts[0].strip();
        if (name.equalsIgnoreCase(token)) {
          return quality(parts);
        }
        if (name.equals("*")) {
          star = quality(parts);
        }
      }
    }
    return star;
  }

  private static double quality(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip();
      if (parameter.startsWith("q=") || parameter.startsWith("Q=")) {
        String value = parameter.substring(2).strip();
        return value.matches("[01](\\.[0-9]{0,3})?") ? Math.min(1, Double.parseDouble(value)) : 0;
      }
    }
    return 1;
  }
}
