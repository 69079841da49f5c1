package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Target;
import io.entrepot.render.KubernetesObject;
import io.entrepot.render.RenderEntry;
import io.entrepot.render.Rendering;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A values file that lies among files which a release reads, and which no release reads. Files of
 * other environments than the targets, of tests and of charts themselves are left alone: they have
 * other readers.
 *
 * @param beside a file of the same directory that is read
 */
record UnreadValues(String target, String file, String beside) {

  /** Words in names of values files that name an environment or another use. */
  private static final Set<String> OTHER_USES =
      Set.of(
          "dev",
          "development",
          "test",
          "testing",
          "tests",
          "ci",
          "qa",
          "uat",
          "int",
          "integration",
          "stage",
          "staging",
          "stg",
          "pre",
          "preprod",
          "preview",
          "prod",
          "production",
          "prd",
          "live",
          "local",
          "kind",
          "k3d",
          "minikube",
          "example",
          "examples",
          "sample",
          "template",
          "default",
          "defaults",
          "secret",
          "secrets",
          "enc",
          "sops",
          "canary",
          "lab",
          "sandbox",
          "demo",
          "dr");

  /** What is read in a directory, by which targets. */
  private record Reading(Set<String> files, Set<String> targets) {}

  /** All of them; none where something was not rendered, which may read them. */
  static List<UnreadValues> find(Evidence evidence) {
    Rendering rendering = evidence.cluster().rendering();
    if (evidence.cluster().partial()
        || !rendering.failures().isEmpty()
        || !rendering.unrendered().isEmpty()) {
      return List.of();
    }
    Map<String, Reading> directories = new TreeMap<>();
    for (KubernetesObject object : evidence.cluster().objects()) {
      if (object.origin().entry() instanceof RenderEntry.Helm helm) {
        for (String file : helm.values()) {
          int slash = file.lastIndexOf('/');
          if (slash > 0 && !file.contains("://") && !file.startsWith("/")) {
            Reading reading =
                directories.computeIfAbsent(
                    file.substring(0, slash), _ -> new Reading(new TreeSet<>(), new TreeSet<>()));
            reading.files().add(file.substring(slash + 1));
            reading.targets().add(object.origin().target());
          }
        }
      }
    }
    List<UnreadValues> found = new ArrayList<>();
    directories.forEach((directory, reading) -> find(evidence, directory, reading, found));
    return found;
  }

  private static void find(
      Evidence evidence, String directory, Reading reading, List<UnreadValues> found) {
    List<String> files = evidence.cluster().locator().files(directory);
    if (files.contains("Chart.yaml") || files.contains("kustomization.yaml")) {
      return;
    }
    Set<String> targets = new TreeSet<>();
    evidence.spec().targets().stream().map(Target::name).forEach(targets::add);
    files.stream()
        .filter(name -> name.matches("[^.].*\\.ya?ml"))
        .filter(name -> !reading.files().contains(name))
        .filter(name -> isForUs(name, targets))
        .filter(name -> isValues(evidence, directory + "/" + name))
        .forEach(
            name ->
                found.add(
                    new UnreadValues(
                        reading.targets().iterator().next(),
                        directory + "/" + name,
                        reading.files().iterator().next())));
  }

  /** Whether no word of the name means another environment than a target. */
  private static boolean isForUs(String name, Set<String> targets) {
    String stem = name.substring(0, name.lastIndexOf('.')).toLowerCase(Locale.ROOT);
    if (!stem.contains("values") && !targets.contains(stem)) {
      return false;
    }
    return Stream.of(stem.split("[^a-z0-9]+", -1))
        .allMatch(word -> targets.contains(word) || !OTHER_USES.contains(word));
  }

  private static boolean isValues(Evidence evidence, String file) {
    List<SourceNode> documents = evidence.cluster().locator().documents(file);
    return documents.size() == 1
        && documents.getFirst() instanceof SourceMapping mapping
        && !mapping.entries().isEmpty()
        && Nodes.text(mapping, "kind") == null
        && mapping.get("sops") == null;
  }

  void tell(Findings findings) {
    findings.refuse(
        target,
        FilePosition.of(file),
        "%s is a values file that no release reads; %s beside it is read".formatted(file, beside),
        "list it among the release's values files, or remove it");
  }
}
