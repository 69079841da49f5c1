package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Locator;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.render.RenderEntry;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceSequence;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Values files that empty a map or a list which an earlier file of the same release fills. */
final class EmptiedValue implements Judgement {

  static final Rule RULE =
      new Rule(
          "emptied-value",
          "A later values file empties what an earlier one gives",
          "A list or a null replaces what is inherited: node selectors, tolerations and security"
              + " contexts are lost. An empty map changes nothing at all, which is not what it says.",
          "Remove the key from the later file, or write there what shall be instead.");

  /** A release and the target that it is rendered for. */
  private record Release(String target, RenderEntry.Helm helm) {}

  /** A value that a layer gives. */
  private record Given(String file, int line) {}

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    Set<Release> releases = new HashSet<>();
    for (KubernetesObject object : evidence.cluster().objects()) {
      if (object.origin().entry() instanceof RenderEntry.Helm helm
          && helm.values().size() > 1
          && releases.add(new Release(object.origin().target(), helm))) {
        layers(evidence.cluster().locator(), object.origin().target(), helm.values(), findings);
      }
    }
  }

  private static void layers(
      Locator locator, String target, List<String> files, Findings findings) {
    Map<String, Given> given = new HashMap<>();
    for (String file : files) {
      for (SourceNode document : locator.documents(file)) {
        Nodes.eachMapping(
            document,
            (path, mapping) -> {
              // Items of lists are replaced with their list.
              if (path.indexOf('[') < 0) {
                for (SourceMapping.Entry entry : mapping.entries()) {
                  value(target, file, Nodes.join(path, entry.name()), entry, given, findings);
                }
              }
            });
      }
    }
  }

  private static void value(
      String target,
      String file,
      String path,
      SourceMapping.Entry entry,
      Map<String, Given> given,
      Findings findings) {
    SourceNode value = SourceMapping.resolved(entry.value());
    boolean filled =
        (value instanceof SourceMapping map && !map.entries().isEmpty())
            || (value instanceof SourceSequence list && !list.items().isEmpty());
    String empty =
        switch (value) {
          case SourceMapping map when map.entries().isEmpty() -> "{}";
          case SourceSequence list when list.items().isEmpty() -> "[]";
          case ScalarSite scalar
              when scalar.style() == ScalarSite.Style.PLAIN
                  && Set.of("", "~", "null").contains(scalar.value()) ->
              "null";
          default -> null;
        };
    int line = entry.key().line();
    if (filled) {
      given.put(path, new Given(file, line));
    } else if (empty != null && given.containsKey(path)) {
      Given before = given.get(path);
      if (before != null && !before.file().equals(file)) {
        findings.refuse(
            target,
            FilePosition.of(file, line),
            "%s is %s here, and %s:%d gives it"
                .formatted(path, empty, before.file(), before.line()),
            "remove the line '%s: %s', or write the values that shall be instead"
                .formatted(entry.name(), empty));
        given.remove(path);
      }
    }
  }
}
