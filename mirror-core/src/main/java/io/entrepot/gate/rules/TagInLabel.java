package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Labels that a digest made invalid. */
final class TagInLabel implements Judgement {

  static final Rule RULE =
      new Rule(
          "tag-in-label",
          "An image tag ran into a label",
          "A label's value holds at most 63 letters, digits, '-', '_' and '.': with @sha256: in it"
              + " the API server refuses the whole object.",
          "Write the digest into the chart's own digest field, or into the repository, and leave"
              + " the tag plain.");

  private static final Pattern LABEL =
      Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?");
  private static final Set<String> LABELS = Set.of("labels", "matchLabels", "commonLabels");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    for (KubernetesObject object : evidence.cluster().objects()) {
      if (!object.kind().equals("CustomResourceDefinition")) {
        labels(evidence, object, findings);
      }
    }
  }

  private static void labels(Evidence evidence, KubernetesObject object, Findings findings) {
    Set<String> seen = new HashSet<>();
    Nodes.eachMapping(
        object.root(),
        (path, mapping) -> {
          String last = path.substring(path.lastIndexOf('.') + 1);
          // A service's selector is a map of labels too.
          boolean selector = path.equals("spec.selector") && object.kind().equals("Service");
          if (LABELS.contains(last) || selector) {
            for (SourceMapping.Entry entry : mapping.entries()) {
              if (entry.value() instanceof ScalarSite value
                  && value.value().contains("sha256")
                  && !LABEL.matcher(value.value()).matches()
                  && seen.add(entry.name() + value.value())) {
                findings.refuse(
                    object,
                    position(evidence, object, value),
                    null,
                    "the label %s in %s is '%s', which is no label's value"
                        .formatted(entry.name(), path, value.value()));
              }
            }
          }
        });
  }

  private static @Nullable FilePosition position(
      Evidence evidence, KubernetesObject object, ScalarSite value) {
    int at = value.value().indexOf("sha256");
    String hex = value.value().substring(Math.min(value.value().length(), at + 7));
    return evidence
        .cluster()
        .locator()
        .of(object, value, hex.length() >= 12 ? hex.substring(0, 12) : value.value());
  }
}
