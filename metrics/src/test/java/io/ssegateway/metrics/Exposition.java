package io.ssegateway.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text format of Prometheus, version 0.0.4, read strictly: every family has its HELP and TYPE
 * before its samples and stands together, no sample comes twice, buckets only grow, and counters
 * end as the convention has it.
 */
final class Exposition {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{.*\\})? ([-+0-9.eE]+|NaN|[-+]Inf)");
  private static final Pattern LABELS =
      Pattern.compile("\\{([a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\.)*\",?)*\\}");

  /** A family: its type and what it is. */
  record Family(String type, String help) {}

  final Map<String, Family> families = new LinkedHashMap<>();
  final Map<String, Double> samples = new LinkedHashMap<>();
  final Set<String> sampleNames = new HashSet<>();

  static Exposition parse(String text) {
    Exposition result = new Exposition();
    String family = null;
    Map<String, String> helps = new HashMap<>();
    Map<String, Double> lastBucket = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      if (line.isEmpty()) {
        continue;
      }
      if (line.startsWith("# HELP ")) {
        String[] parts = line.split(" ", 4);
        require(helps.put(parts[2], parts.length < 4 ? "" : parts[3]) == null, line, "help twice");
      } else if (line.startsWith("# TYPE ")) {
        String[] parts = line.split(" ", 4);
        family = parts[2];
        require(helps.containsKey(family), line, "no help before it");
        Family added = new Family(parts[3], helps.get(family));
        require(result.families.put(family, added) == null, line, "a family in two places");
        if (added.type.equals("counter")) {
          require(family.endsWith("_total"), line, "a counter without _total");
        }
      } else {
        Matcher matcher = SAMPLE.matcher(line);
        require(matcher.matches(), line, "no sample");
        String name = matcher.group(1);
        String labels = matcher.group(2) == null ? "" : matcher.group(2);
        require(labels.isEmpty() || LABELS.matcher(labels).matches(), line, "labels");
        require(family != null && belongs(name, family, result), line, "not in family " + family);
        double value = value(matcher.group(3));
        require(result.samples.put(name + labels, value) == null, line, "a sample twice");
        result.sampleNames.add(name);
        if (name.endsWith("_bucket")) {
          String series = name + labels.replaceAll("le=\"[^\"]*\",?", "");
          Double before = lastBucket.put(series, value);
          require(before == null || before <= value, line, "buckets that do not grow");
        }
      }
    }
    return result;
  }

  private static boolean belongs(String name, String family, Exposition exposition) {
    String type = exposition.families.get(family).type;
    if (type.equals("histogram") || type.equals("summary")) {
      return List.of(family, family + "_bucket", family + "_sum", family + "_count").contains(name);
    }
    return name.equals(family);
  }

  private static double value(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private static void require(boolean holds, String line, String what) {
    if (!holds) {
      throw new AssertionError(what + ": " + line);
    }
  }

  double value(String name, String labels) {
    Double value = samples.get(name + labels);
    if (value == null) {
      throw new AssertionError(name + labels + " is not in " + samples.keySet());
    }
    return value;
  }

  /** The gateway's own families as a table for the documentation. */
  String table() {
    List<String> rows = new ArrayList<>();
    families.forEach(
        (name, family) -> {
          if (name.startsWith("sse_gateway_")) {
            rows.add("| `" + name + "` | " + family.type + " | " + family.help + " |");
          }
        });
    rows.sort(null);
    return "| Metric | Type | What it is |\n| --- | --- | --- |\n" + String.join("\n", rows) + "\n";
  }
}
