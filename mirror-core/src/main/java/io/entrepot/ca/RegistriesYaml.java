package io.entrepot.ca;

import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds a root to k3s' {@code registries.yaml}, and leaves every other byte. */
final class RegistriesYaml {

  private RegistriesYaml() {}

  /** The text in which a registry is trusted by a root. */
  static String trusting(String text, String authority, String ca) {
    SourceNode root = root(text);
    SourceMapping configs = block(root, "configs", authority, ca);
    if (configs == null) {
      String gap = text.isEmpty() || text.endsWith("\n") ? "" : "\n";
      return "%s%sconfigs:\n  \"%s\":\n    tls:\n      ca_file: %s\n"
          .formatted(text, gap, authority, ca);
    }
    SourceMapping own = block(configs, authority, authority, ca);
    if (own == null) {
      return above(
          text, configs, "\"%s\":\n%%1$s  tls:\n%%1$s    ca_file: %s\n".formatted(authority, ca));
    }
    SourceMapping tls = block(own, "tls", authority, ca);
    if (tls == null) {
      return above(text, own, "tls:\n%%1$s  ca_file: %s\n".formatted(ca));
    }
    String present = Nodes.text(tls, "ca_file");
    if (ca.equals(present)) {
      return text;
    }
    if (present != null) {
      throw byHand(authority, ca, "it names " + present);
    }
    return above(text, tls, "ca_file: %s\n".formatted(ca));
  }

  private static @Nullable SourceNode root(String text) {
    try {
      List<SourceNode> documents = YamlScanner.scan(SourceText.of(text));
      return documents.isEmpty() ? null : documents.getFirst();
    } catch (UnreadableYamlException e) {
      throw new CaException("registries.yaml is no YAML: " + e.getMessage(), e);
    }
  }

  /** The mapping of a key, written over several lines; null where there is none or an empty one. */
  private static @Nullable SourceMapping block(
      @Nullable SourceNode owner, String key, String authority, String ca) {
    SourceNode found = Nodes.at(owner, key);
    if (found == null) {
      return null;
    }
    if (found instanceof SourceMapping mapping && !mapping.flow() && !mapping.entries().isEmpty()) {
      return mapping;
    }
    String written =
        found instanceof ScalarSite scalar && scalar.isEmpty() ? "nothing" : "one line";
    throw byHand(authority, ca, "%s: is %s".formatted(key, written));
  }

  /** Lines before the first entry of a mapping, as deep as that. */
  private static String above(String text, SourceMapping mapping, String lines) {
    SourceNode first = mapping.entries().getFirst().key();
    String indent = " ".repeat(first.column() - 1);
    int at = first.start() - indent.length();
    return text.substring(0, at) + indent + lines.formatted(indent) + text.substring(at);
  }

  private static CaException byHand(String authority, String ca, String why) {
    return new CaException(
        "registries.yaml is not changed, %s; write into it:\nconfigs:\n  \"%s\":\n    tls:\n      ca_file: %s"
            .formatted(why, authority, ca));
  }
}
