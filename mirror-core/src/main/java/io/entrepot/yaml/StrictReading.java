package io.entrepot.yaml;

import io.entrepot.text.FilePosition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a strict reader of a document has found so far: the texts that stand for variables, and
 * every problem. Not for use by several threads.
 */
final class StrictReading {

  private final String file;
  private final int maxNodes;
  private final List<Problem> problems = new ArrayList<>();
  private final Map<ScalarSite, String> replaced = new HashMap<>();
  private int secretLine;

  StrictReading(String file, int maxNodes) {
    this.file = file;
    this.maxNodes = maxNodes;
  }

  /**
   * The root of the one document in a text, or null for a text with nothing in it but comments.
   * Doubled keys are problems, which do not stop the reading.
   *
   * @throws ConfigException for text that is no YAML or exceeds a limit
   */
  @Nullable SourceNode scan(String text) {
    List<SourceNode> documents;
    try {
      documents = YamlScanner.scanStrictly(SourceText.of(text));
    } catch (UnreadableYamlException e) {
      // What the parser itself refuses is no YAML; the rest is YAML that is not read.
      String prefix = e.getCause() == null ? "" : "not YAML: ";
      throw new ConfigException(
          new Problem(FilePosition.of(file, e.line()), "", prefix + e.getMessage()), e);
    }
    if (documents.isEmpty()) {
      return null;
    }
    SourceNode root = documents.getFirst();
    weigh(root, new IdentityHashMap<>());
    doubledKeys(root, "", new HashSet<>());
    return root;
  }

  /** How many nodes a node stands for when aliases are followed. */
  private long weigh(SourceNode node, Map<SourceNode, Long> known) {
    Long weight = known.get(node);
    if (weight != null) {
      return weight;
    }
    long sum = 1;
    if (node instanceof SourceAlias alias && alias.target() != null) {
      sum = weigh(alias.target(), known);
    } else if (node instanceof SourceSequence sequence) {
      for (SourceNode item : sequence.items()) {
        sum += weigh(item, known);
      }
    } else if (node instanceof SourceMapping mapping) {
      for (SourceMapping.Entry entry : mapping.entries()) {
        sum += 1 + weigh(entry.value(), known);
      }
    }
    if (sum > maxNodes) {
      throw new ConfigException(
          List.of(
              new Problem(
                  FilePosition.of(file, node.line()),
                  "",
                  "more than %d values, aliases followed".formatted(maxNodes))));
    }
    known.put(node, sum);
    return sum;
  }

  private void doubledKeys(SourceNode node, String path, Set<SourceNode> seen) {
    if (node instanceof SourceSequence sequence) {
      for (int i = 0; i < sequence.items().size(); i++) {
        doubledKeys(sequence.items().get(i), path + "[" + i + "]", seen);
      }
    } else if (node instanceof SourceMapping mapping && seen.add(mapping)) {
      Map<String, Integer> lines = new HashMap<>();
      for (SourceMapping.Entry entry : mapping.entries()) {
        String way = PropertyPath.join(path, entry.name());
        Integer former = lines.putIfAbsent(entry.name(), entry.key().line());
        if (former != null) {
          problem(entry.key().line(), way, "given twice; first in line %d".formatted(former));
        }
        doubledKeys(entry.value(), way, seen);
      }
    }
  }

  /**
   * Replaces the texts of values, but of no key.
   *
   * @param replacement throws IllegalArgumentException where it cannot, which becomes a problem
   */
  void replace(SourceNode given, String path, UnaryOperator<String> replacement) {
    SourceNode node = SourceMapping.resolved(given);
    if (node instanceof ScalarSite scalar) {
      try {
        replaced.put(scalar, replacement.apply(scalar.value()));
      } catch (IllegalArgumentException e) {
        problem(scalar.line(), path, String.valueOf(e.getMessage()));
      }
    } else if (node instanceof SourceSequence sequence) {
      for (int i = 0; i < sequence.items().size(); i++) {
        replace(sequence.items().get(i), path + "[" + i + "]", replacement);
      }
    } else if (node instanceof SourceMapping mapping) {
      for (SourceMapping.Entry entry : mapping.entries()) {
        replace(entry.value(), PropertyPath.join(path, entry.name()), replacement);
      }
    }
  }

  /** The file's name in messages. */
  String file() {
    return file;
  }

  /** What a scalar says, with something in the place of its variables. */
  String text(ScalarSite scalar) {
    return replaced.getOrDefault(scalar, scalar.value());
  }

  void problem(int line, String property, String message) {
    problems.add(new Problem(FilePosition.of(file, line), property, message));
  }

  /** Notes that a secret is written out here. */
  void secret(int line) {
    secretLine = secretLine == 0 ? line : secretLine;
  }

  OptionalInt secretLine() {
    return secretLine == 0 ? OptionalInt.empty() : OptionalInt.of(secretLine);
  }

  /**
   * Ends the reading.
   *
   * @throws ConfigException with every problem that was found, if any was
   */
  void finish() {
    if (!problems.isEmpty()) {
      throw new ConfigException(
          problems.stream().sorted(Comparator.comparing(Problem::position)).distinct().toList());
    }
  }
}
